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
        ["/api"] = Json(new { kind = "APIVersions", apiVersion = "v1", versions = Versions("").ToList(), serverAddressByClientCIDRs = Array.Empty<object>() }),
        ["/apis"] = Json(new { kind = "APIGroupList", apiVersion = "v1", groups = Groups.Select(static group => Group(group, isWhole: false)) }),
        ["/version"] = Json(new { major = "1", minor = "32", gitVersion = "v1.32.0+federation", platform = "linux/amd64" }),
    };

    static Discovery()
    {
        foreach (var group in Groups) Documents.Add($"/apis/{group}", Json(Group(group, isWhole: true)));
        foreach (var kinds in KindInfo.Served.GroupBy(static kind => kind.ApiVersion))
        {
            Documents.Add(kinds.First().Root, Json(new { kind = "APIResourceList", apiVersion = "v1", groupVersion = kinds.Key, resources = kinds.SelectMany(Resources) }));
        }
    }

    static IEnumerable<string> Groups => KindInfo.Served.Select(static kind => kind.Group).Where(static group => group.Length > 0).Distinct();

    public static byte[]? Find(string path) => Documents.GetValueOrDefault(path.Length > 1 ? path.TrimEnd('/') : path);

    static IEnumerable<string> Versions(string group) => KindInfo.Served.Where(kind => kind.Group == group).Select(static kind => kind.Version).Distinct();

    static object Group(string group, bool isWhole)
    {
        var versions = Versions(group).Select(version => new { groupVersion = $"{group}/{version}", version }).ToList();
        return new { kind = isWhole ? "APIGroup" : null, apiVersion = isWhole ? "v1" : null, name = group, versions, preferredVersion = versions[0] };
    }

    static IEnumerable<object> Resources(KindInfo kind) => new object?[]
    {
        new
        {
            name = kind.Plural,
            singularName = kind.Singular,
            namespaced = kind.IsNamespaced,
            kind = kind.Name,
            verbs = Verbs,
            shortNames = List(kind.ShortName),
            categories = List(kind.Category),
        },
        kind.HasStatus ? new { name = $"{kind.Plural}/status", singularName = "", namespaced = kind.IsNamespaced, kind = kind.Name, verbs = StatusVerbs } : null,
    }.OfType<object>();

    static string[]? List(string word) => word.Length > 0 ? [word] : null;

    static byte[] Json(object document) => JsonSerializer.SerializeToUtf8Bytes(document, ResourceJson.Lenient);

    /// <summary>All of it in one document (KEP-3352): what kubectl asks for first.</summary>
    public static class Aggregated
    {
        public const string MediaType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

        static readonly byte[] Core = Whole([""]);
        static readonly byte[] Named = Whole(Groups);

        public static byte[]? Find(string path) => path.TrimEnd('/') switch { "/api" => Core, "/apis" => Named, _ => null };

        static byte[] Whole(IEnumerable<string> groups) => Json(new
        {
            kind = "APIGroupDiscoveryList",
            apiVersion = "apidiscovery.k8s.io/v2",
            metadata = new { },
            items = groups.Select(static group => new
            {
                metadata = new { name = group.Length > 0 ? group : null, creationTimestamp = (string?)null },
                versions = Versions(group).Select(version => new
                {
                    version,
                    resources = KindInfo.Served.Where(kind => kind.Group == group && kind.Version == version).Select(Resource),
                    freshness = "Current",
                }),
            }),
        });

        static object Resource(KindInfo kind)
        {
            var responseKind = new { group = kind.Group, version = kind.Version, kind = kind.Name };
            return new
            {
                resource = kind.Plural,
                responseKind,
                scope = kind.IsNamespaced ? "Namespaced" : "Cluster",
                singularResource = kind.Singular,
                verbs = Verbs,
                shortNames = List(kind.ShortName),
                categories = List(kind.Category),
                subresources = kind.HasStatus ? new[] { new { subresource = "status", responseKind, verbs = StatusVerbs } } : null,
            };
        }
    }
}
