using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Where OpenAPI 3 and its predecessor differ: where definitions are, how parameters and bodies are written.</summary>
sealed class OpenApiDialect
{
    OpenApiDialect(string definitions) => Definitions = definitions;

    public static OpenApiDialect Second { get; } = new("#/definitions/");

    public static OpenApiDialect Third { get; } = new("#/components/schemas/");

    public string Definitions { get; }

    /// <summary>As the field has it: the group turned around, the version, the kind; those of the core group by their path in Kubernetes.</summary>
    public static string NameOf(KindInfo kind) => kind.Group.Length == 0
        ? $"io.k8s.api.core.{kind.Version}.{kind.Name}"
        : $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Name}";

    public JsonObject Reference(KindInfo kind, bool isList) => new() { ["$ref"] = Definitions + NameOf(kind) + (isList ? "List" : "") };

    /// <summary>A parameter of the path or the query.</summary>
    /// <param name="type">string, integer or boolean.</param>
    public JsonNode Parameter(string name, string place, string type, string description)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = place, ["description"] = description };
        if (place is "path") parameter["required"] = true;
        if (this == Third) parameter["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true };
        else (parameter["type"], parameter["uniqueItems"]) = (type, true);
        return parameter;
    }

    /// <summary>What an answer, or a body, consists of.</summary>
    public JsonObject Content(JsonObject schema, params ReadOnlySpan<string> mediaTypes)
    {
        if (this == Second) return new() { ["schema"] = schema };
        var content = new JsonObject();
        foreach (var type in mediaTypes) content[type] = new JsonObject { ["schema"] = schema.DeepClone() };
        return new() { ["content"] = content };
    }

    /// <summary>Adds what a request carries to its operation.</summary>
    public void AddBody(JsonObject operation, JsonObject schema, params ReadOnlySpan<string> mediaTypes)
    {
        if (this == Third)
        {
            operation["requestBody"] = Content(schema, mediaTypes);
            return;
        }

        operation["consumes"] = new JsonArray([.. mediaTypes.ToArray().Select(static type => (JsonNode)type)]);
        operation["parameters"]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = "body", ["in"] = "body", ["required"] = true, ["schema"] = schema });
    }
}
