using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>The body of a server-side apply: only what its manager wants, in JSON or YAML.</summary>
static class ApplyConfig
{
    static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = ResourceJson.DepthMax };

    public static JsonObject Read(KindInfo kind, string name, ReadOnlyMemory<byte> body, WriteOptions options)
    {
        var json = IsJson(body) ? body : YamlText.ToJson(body);
        using var document = JsonDocument.Parse(json, DocumentOptions);
        if (document.RootElement.ValueKind is not JsonValueKind.Object) throw ApiErrors.BadRequest("the body is no object");
        ObjectReader.Check(kind, document.RootElement, options);
        var config = (JsonObject?)Known(document.RootElement, FieldShape.Of(kind.Type)) ?? [];
        CheckIdentity(kind, name, config);
        return config;
    }

    /// <summary>Whether it can be read as it is: then every duplicate can be named.</summary>
    static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, DocumentOptions);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static void CheckIdentity(KindInfo kind, string name, JsonObject config)
    {
        foreach (var (field, wanted) in new[] { ("apiVersion", kind.ApiVersion), ("kind", kind.Name) })
        {
            if (config[field] is not { } given) throw ApiErrors.BadRequest($"{field}: must be given", [FieldError.Required(field, $"must be {wanted}")]);
            if (given.GetValue<string>() != wanted) throw ApiErrors.BadRequest($"the {field} in the data ({given}) does not match the expected one ({wanted})", [FieldError.Invalid(field, given.GetValue<string>(), $"must be {wanted}")]);
        }

        if (config["metadata"] is not JsonObject metadata) config["metadata"] = metadata = [];
        if (metadata.ContainsKey("managedFields")) throw ApiErrors.BadRequest("metadata.managedFields must be nil", [FieldError.Forbidden("metadata.managedFields", "must not be given to apply")]);
        if (metadata["name"] is { } own && own.GetValue<string>() != name) throw ApiErrors.BadRequest($"the name of the object ({own}) does not match the name on the URL ({name})");
        metadata["name"] = name;
        if (config["status"]?["conditions"] is JsonArray conditions) CheckConditions(kind, name, conditions);
    }

    /// <summary>Items of a keyed list cannot be told apart when two have the same key, or one has none.</summary>
    static void CheckConditions(KindInfo kind, string name, JsonArray conditions)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < conditions.Count; i++)
        {
            var type = conditions[i]?["type"]?.GetValue<string>();
            if (type is null) throw ApiErrors.Invalid(kind, name, [FieldError.Required($"status.conditions[{i}].type", "is the key of the list")]);
            if (!seen.Add(type)) throw ApiErrors.Invalid(kind, name, [FieldError.Duplicate($"status.conditions[{i}]", type)]);
        }
    }

    /// <summary>The value without what no type knows, and without nulls: they want nothing.</summary>
    static JsonNode? Known(JsonElement value, FieldShape shape)
    {
        if (value.ValueKind is JsonValueKind.Null) return null;
        if (value.ValueKind is not JsonValueKind.Object || shape is not (FieldShape.Struct or FieldShape.Map)) return JsonNode.Parse(value.GetRawText());
        var known = new JsonObject();
        foreach (var member in value.EnumerateObject())
        {
            if (shape is FieldShape.Struct parts && parts.Field(member.Name) is null) continue;
            if (Known(member.Value, shape.Below($"f:{member.Name}")) is { } part) known[member.Name] = part;
        }

        return known;
    }
}
