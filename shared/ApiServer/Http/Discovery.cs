using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>The documents by which clients find out what the server has.</summary>
static class Discovery
{
    static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    static readonly string[] StatusVerbs = ["get", "patch", "update"];

    static readonly Dictionary<string, byte[]> Documents = new(StringComparer.Ordinal)
    {
        ["/api"] = Json(new { kind = "APIVersions", apiVersion = "v1", versions = Array.Empty<string>(), serverAddressByClientCIDRs = Array.Empty<object>() }),
        ["/apis"] = Json(new { kind = "APIGroupList", apiVersion = "v1", groups = new[] { Group(null) } }),
        [$"/apis/{ApiGroup.Name}"] = Json(Group("v1")),
        [$"/apis/{ApiGroup.GroupVersion}"] = Json(new { kind = "APIResourceList", apiVersion = "v1", groupVersion = ApiGroup.GroupVersion, resources = Resources() }),
        ["/version"] = Json(new { major = "1", minor = "32", gitVersion = "v1.32.0+federation", platform = "linux/amd64" }),
    };

    public static byte[]? Find(string path) => Documents.GetValueOrDefault(path.Length > 1 ? path.TrimEnd('/') : path);

    static object Group(string? apiVersion)
    {
        var version = new { groupVersion = ApiGroup.GroupVersion, version = ApiGroup.Version };
        return new { kind = apiVersion is null ? null : "APIGroup", apiVersion, name = ApiGroup.Name, versions = new[] { version }, preferredVersion = version };
    }

    static IEnumerable<object> Resources() => KindInfo.All.Where(static kind => kind.Group == ApiGroup.Name).SelectMany(static kind => new object?[]
    {
        new
        {
            name = kind.Plural,
            singularName = kind.Singular,
            namespaced = kind.IsNamespaced,
            kind = kind.Name,
            verbs = Verbs,
            shortNames = kind.ShortName.Length > 0 ? new[] { kind.ShortName } : null,
            categories = new[] { kind.Category },
        },
        kind.HasStatus ? new { name = $"{kind.Plural}/status", singularName = "", namespaced = kind.IsNamespaced, kind = kind.Name, verbs = StatusVerbs } : null,
    }).OfType<object>();

    static byte[] Json(object document) => JsonSerializer.SerializeToUtf8Bytes(document, ResourceJson.Lenient);
}
