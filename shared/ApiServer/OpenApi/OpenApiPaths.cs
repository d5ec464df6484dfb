using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>The paths of the API with their operations and parameters. By these kubectl learns that the server checks fields and can rehearse.</summary>
static class OpenApiPaths
{
    static readonly (string Name, string Type, string Description)[] ListParameters =
    [
        ("labelSelector", "string", "Only objects with these labels."),
        ("fieldSelector", "string", "Only objects with these fields."),
        ("limit", "integer", "At most so many objects; the answer says where the rest begins."),
        ("continue", "string", "Where the page before ended."),
        ("resourceVersion", "string", "How new the answer must be at least."),
        ("resourceVersionMatch", "string", "Exact or NotOlderThan."),
        ("watch", "boolean", "Tells changes instead of listing."),
        ("timeoutSeconds", "integer", "After how long a watch ends."),
        ("allowWatchBookmarks", "boolean", "Whether a watch says now and then how far it has come."),
        ("sendInitialEvents", "boolean", "Whether a watch begins with what there is."),
    ];

    static readonly (string Name, string Type, string Description)[] WriteParameters =
    [
        ("dryRun", "string", "All: everything is computed, and nothing kept."),
        ("fieldManager", "string", "Who writes, for the record of who owns which field."),
        ("fieldValidation", "string", "What becomes of unknown fields: Strict, Warn or Ignore."),
    ];

    static readonly (string Name, string Type, string Description)[] DeleteParameters =
    [
        ("dryRun", "string", "All: everything is computed, and nothing kept."),
        ("gracePeriodSeconds", "integer", "Accepted; objects go at once."),
        ("propagationPolicy", "string", "Background, Foreground or Orphan."),
    ];

    static readonly string[] PatchTypes = ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"];

    public static JsonObject Of(IEnumerable<KindInfo> kinds, OpenApiDialect dialect)
    {
        var paths = new JsonObject();
        foreach (var kind in kinds)
        {
            var collection = kind.Path(kind.IsNamespaced ? "{namespace}" : null);
            paths[collection] = Operations(kind, dialect, Place(kind, isItem: false), [("get", "list"), ("post", "post"), ("delete", "deletecollection")]);
            paths[$"{collection}/{{name}}"] = Operations(kind, dialect, Place(kind, isItem: true), [("get", "get"), ("put", "put"), ("patch", "patch"), ("delete", "delete")]);
            if (kind.HasStatus) paths[$"{collection}/{{name}}/status"] = Operations(kind, dialect, Place(kind, isItem: true), [("get", "get"), ("put", "put"), ("patch", "patch")]);
            if (kind.IsNamespaced) paths[kind.Path(null)] = Operations(kind, dialect, [], [("get", "list")]);
        }

        return paths;
    }

    static List<string> Place(KindInfo kind, bool isItem) => [.. isItem ? ["name"] : Array.Empty<string>(), .. kind.IsNamespaced ? ["namespace"] : Array.Empty<string>()];

    static JsonObject Operations(KindInfo kind, OpenApiDialect dialect, List<string> place, (string Method, string Action)[] actions)
    {
        var operations = new JsonObject();
        foreach (var (method, action) in actions) operations[method] = Operation(kind, dialect, action);
        operations["parameters"] = new JsonArray([.. place.Select(name => dialect.Parameter(name, "path", "string", name is "name" ? $"The name of the {kind.Name}." : "The namespace."))]);
        return operations;
    }

    static JsonObject Operation(KindInfo kind, OpenApiDialect dialect, string action)
    {
        var isList = action is "list" or "deletecollection";
        var answer = dialect.Content(dialect.Reference(kind, isList), "application/json");
        answer["description"] = "OK";
        var operation = new JsonObject
        {
            ["description"] = $"{action} {kind.Name}",
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = OpenApiSchema.GroupVersionKind(kind),
            ["parameters"] = new JsonArray([.. Parameters(action).Select(parameter => dialect.Parameter(parameter.Name, "query", parameter.Type, parameter.Description))]),
            ["responses"] = new JsonObject { [action is "post" ? "201" : "200"] = answer },
        };
        if (action is "post" or "put") dialect.AddBody(operation, dialect.Reference(kind, isList: false), "application/json", "application/yaml");
        if (action is "patch") dialect.AddBody(operation, new() { ["type"] = "object" }, PatchTypes);
        return operation;
    }

    static (string Name, string Type, string Description)[] Parameters(string action) => action switch
    {
        "get" => [],
        "list" => ListParameters,
        "delete" => DeleteParameters,
        "deletecollection" => [.. DeleteParameters, .. ListParameters[..4]],
        "patch" => [.. WriteParameters, ("force", "boolean", "Takes fields from other managers; for server-side apply.")],
        _ => WriteParameters,
    };
}
