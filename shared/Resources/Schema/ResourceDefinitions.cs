using System.Text.Json.Nodes;

namespace Federation.Resources;

/// <summary>The kinds of an edge as CustomResourceDefinitions, made of their types: what a cluster's own API server checks and shows.</summary>
public static class ResourceDefinitions
{
    /// <summary>Those that live in an edge's cluster; the others are the hub's own, which serves them itself.</summary>
    public static IReadOnlyList<KindInfo> Kinds { get; } = [KindInfo.Of<IPAllocation>(), KindInfo.Of<IPClaim>(), KindInfo.Of<IPPoolClaim>(), KindInfo.Of<IPPool>()];

    public static JsonObject Of(KindInfo kind) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = kind.ToString() },
        ["spec"] = new JsonObject
        {
            ["group"] = kind.Group,
            ["names"] = Names(kind),
            ["scope"] = kind.IsNamespaced ? "Namespaced" : "Cluster",
            ["versions"] = new JsonArray(Version(kind)),
        },
    };

    static JsonObject Names(KindInfo kind)
    {
        var names = new JsonObject { ["kind"] = kind.Name, ["listKind"] = $"{kind.Name}List", ["plural"] = kind.Plural, ["singular"] = kind.Singular };
        if (kind.ShortName.Length > 0) names["shortNames"] = new JsonArray(kind.ShortName);
        if (kind.Category.Length > 0) names["categories"] = new JsonArray(kind.Category);
        return names;
    }

    static JsonObject Version(KindInfo kind)
    {
        var version = new JsonObject
        {
            ["name"] = kind.Version,
            ["served"] = true,
            ["storage"] = true,
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
            ["additionalPrinterColumns"] = new JsonArray([.. kind.Columns.Select(Column)]),
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = Schema(kind) },
        };
        if (kind.SelectableFields.Count > 0) version["selectableFields"] = new JsonArray([.. kind.SelectableFields.Select(static path => new JsonObject { ["jsonPath"] = $".{path}" })]);
        return version;
    }

    static JsonObject Column(ColumnAttribute column)
    {
        var json = new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.JsonPath };
        if (column.Priority > 0) json["priority"] = column.Priority;
        return json;
    }

    /// <summary>As the API is described elsewhere, but for what a definition must not say: metadata is the API server's own.</summary>
    static JsonObject Schema(KindInfo kind)
    {
        var schema = OpenApiSchema.Of(kind, prefix: "");
        schema.Remove("x-kubernetes-group-version-kind");
        schema["properties"]!["metadata"] = new JsonObject { ["type"] = "object" };
        schema["required"] = new JsonArray("spec");
        if (CelRules.OfName(kind) is { Count: > 0 } rules) schema["x-kubernetes-validations"] = rules;
        return schema;
    }
}
