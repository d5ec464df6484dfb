using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>What <c>kubectl</c> explains, and looks up before it sends: the API described in OpenAPI 3 and 2. Made once.</summary>
static class OpenApiDocuments
{
    const string V3Path = $"/openapi/v3/apis/{ApiGroup.GroupVersion}";

    static readonly Lazy<byte[]> Third = new(static () => Bytes(OfVersion3()));
    static readonly Lazy<byte[]> Second = new(static () => Bytes(OfVersion2()));
    static readonly Lazy<byte[]> Index = new(static () => Bytes(new JsonObject
    {
        ["paths"] = new JsonObject { [$"apis/{ApiGroup.GroupVersion}"] = new JsonObject { ["serverRelativeURL"] = $"{V3Path}?hash={Convert.ToHexString(SHA256.HashData(Third.Value))}" } },
    }));

    public static byte[]? Find(string path) => path switch
    {
        "/openapi/v3" => Index.Value,
        V3Path => Third.Value,
        "/openapi/v2" => Second.Value,
        _ => null,
    };

    static JsonObject OfVersion3() => new()
    {
        ["openapi"] = "3.0.0",
        ["info"] = Info(),
        ["paths"] = Paths(static (kind, isList) => new JsonObject
        {
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Reference("#/components/schemas/", kind, isList) } },
        }),
        ["components"] = new JsonObject { ["schemas"] = Definitions("#/components/schemas/") },
    };

    static JsonObject OfVersion2() => new()
    {
        ["swagger"] = "2.0",
        ["info"] = Info(),
        ["paths"] = Paths(static (kind, isList) => new JsonObject { ["schema"] = Reference("#/definitions/", kind, isList) }),
        ["definitions"] = Definitions("#/definitions/"),
    };

    static JsonObject Definitions(string prefix)
    {
        var (metadata, schema) = OpenApiSchema.Metadata();
        var definitions = new JsonObject { [metadata] = schema };
        foreach (var kind in KindInfo.All)
        {
            definitions[NameOf(kind)] = OpenApiSchema.Of(kind, prefix);
            definitions[NameOf(kind) + "List"] = new JsonObject
            {
                ["description"] = $"A list of {kind.Name}.",
                ["type"] = "object",
                ["required"] = new JsonArray("items"),
                ["properties"] = new JsonObject
                {
                    ["apiVersion"] = new JsonObject { ["type"] = "string" },
                    ["kind"] = new JsonObject { ["type"] = "string" },
                    ["metadata"] = new JsonObject { ["type"] = "object" },
                    ["items"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = prefix + NameOf(kind) } },
                },
            };
        }

        return definitions;
    }

    static JsonObject Paths(Func<KindInfo, bool, JsonObject> answer)
    {
        var paths = new JsonObject();
        foreach (var kind in KindInfo.All)
        {
            var collection = kind.IsNamespaced ? kind.Path("{namespace}") : kind.Path(null);
            paths[collection] = Operations(kind, isItem: false, [("get", "list"), ("post", "post"), ("delete", "deletecollection")], answer);
            paths[$"{collection}/{{name}}"] = Operations(kind, isItem: true, [("get", "get"), ("put", "put"), ("patch", "patch"), ("delete", "delete")], answer);
            if (kind.HasStatus) paths[$"{collection}/{{name}}/status"] = Operations(kind, isItem: true, [("get", "get"), ("put", "put"), ("patch", "patch")], answer);
            if (kind.IsNamespaced) paths[kind.Path(null)] = Operations(kind, isItem: false, [("get", "list")], answer);
        }

        return paths;
    }

    static JsonObject Operations(KindInfo kind, bool isItem, (string Method, string Action)[] actions, Func<KindInfo, bool, JsonObject> answer)
    {
        var operations = new JsonObject();
        foreach (var (method, action) in actions)
        {
            var response = answer(kind, !isItem && action is not "post");
            response["description"] = "OK";
            operations[method] = new JsonObject
            {
                ["description"] = $"{action} {kind.Name}",
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = OpenApiSchema.GroupVersionKind(kind),
                ["parameters"] = Parameters(method),
                ["responses"] = new JsonObject { ["200"] = response },
            };
        }

        return operations;
    }

    /// <summary>By these kubectl learns that the server checks fields and can rehearse.</summary>
    static JsonArray Parameters(string method)
    {
        string[] names = method switch
        {
            "get" => ["fieldSelector", "labelSelector", "limit", "continue", "resourceVersion", "resourceVersionMatch", "watch", "timeoutSeconds", "allowWatchBookmarks", "sendInitialEvents"],
            "delete" => ["dryRun"],
            _ => ["dryRun", "fieldManager", "fieldValidation"],
        };
        return new([.. names.Select(static name => (JsonNode)new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } })]);
    }

    static JsonObject Reference(string prefix, KindInfo kind, bool isList) => new() { ["$ref"] = prefix + NameOf(kind) + (isList ? "List" : "") };

    /// <summary>As the field has it: the group turned around, the version, the kind.</summary>
    static string NameOf(KindInfo kind) => $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Name}";

    static JsonObject Info() => new() { ["title"] = "Federation", ["version"] = ApiGroup.Version };

    static byte[] Bytes(JsonObject document) => System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
}
