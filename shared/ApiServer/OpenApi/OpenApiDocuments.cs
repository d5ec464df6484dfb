using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>What <c>kubectl</c> explains, and looks up before it sends: the API described in OpenAPI 3, a document a version, and 2. Made once.</summary>
static class OpenApiDocuments
{
    static readonly FrozenDictionary<string, Lazy<byte[]>> Third = KindInfo.Served.GroupBy(static kind => kind.Root)
        .ToFrozenDictionary(static kinds => $"/openapi/v3{kinds.Key}", static kinds => new Lazy<byte[]>(() => Bytes(OfVersion3([.. kinds]))));
    static readonly Lazy<byte[]> Second = new(static () => Bytes(OfVersion2(KindInfo.Served)));
    static readonly Lazy<byte[]> Index = new(static () => Bytes(new JsonObject { ["paths"] = new JsonObject(Third.OrderBy(static one => one.Key, StringComparer.Ordinal).Select(Entry)) }));

    public static byte[]? Find(string path) => path switch
    {
        "/openapi/v3" => Index.Value,
        "/openapi/v2" => Second.Value,
        _ => Third.GetValueOrDefault(path)?.Value,
    };

    static KeyValuePair<string, JsonNode?> Entry(KeyValuePair<string, Lazy<byte[]>> document) => new(
        document.Key["/openapi/v3/".Length..],
        new JsonObject { ["serverRelativeURL"] = $"{document.Key}?hash={Convert.ToHexString(SHA256.HashData(document.Value.Value))}" });

    static JsonObject OfVersion3(IReadOnlyList<KindInfo> kinds) => new()
    {
        ["openapi"] = "3.0.0",
        ["info"] = Info(),
        ["paths"] = OpenApiPaths.Of(kinds, OpenApiDialect.Third),
        ["components"] = new JsonObject { ["schemas"] = Definitions(kinds, OpenApiDialect.Third) },
    };

    static JsonObject OfVersion2(IReadOnlyList<KindInfo> kinds) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = Info(),
        ["paths"] = OpenApiPaths.Of(kinds, OpenApiDialect.Second),
        ["definitions"] = Definitions(kinds, OpenApiDialect.Second),
    };

    static JsonObject Definitions(IReadOnlyList<KindInfo> kinds, OpenApiDialect dialect)
    {
        var (metadata, schema) = OpenApiSchema.Metadata();
        var definitions = new JsonObject { [metadata] = schema };
        foreach (var kind in kinds)
        {
            definitions[OpenApiDialect.NameOf(kind)] = OpenApiSchema.Of(kind, dialect.Definitions, besideReferences: dialect == OpenApiDialect.Second);
            definitions[OpenApiDialect.NameOf(kind) + "List"] = new JsonObject
            {
                ["description"] = $"A list of {kind.Name}.",
                ["type"] = "object",
                ["required"] = new JsonArray("items"),
                ["properties"] = new JsonObject
                {
                    ["apiVersion"] = new JsonObject { ["type"] = "string" },
                    ["kind"] = new JsonObject { ["type"] = "string" },
                    ["metadata"] = new JsonObject { ["type"] = "object" },
                    ["items"] = new JsonObject { ["type"] = "array", ["items"] = dialect.Reference(kind, isList: false) },
                },
                ["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject { ["group"] = kind.Group, ["kind"] = $"{kind.Name}List", ["version"] = kind.Version }),
            };
        }

        return definitions;
    }

    static JsonObject Info() => new() { ["title"] = "Federation", ["version"] = ApiGroup.Version };

    static byte[] Bytes(JsonObject document) => System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
}
