using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>What a URL of the API names: a kind, and within it a namespace, an object, a subresource.</summary>
sealed record ResourcePath(KindInfo Kind, string? Namespace, string? Name, bool IsStatus)
{
    /// <summary>
    /// <c>/apis/{group}/{version}[/namespaces/{namespace}]/{plural}[/{name}[/status]]</c>, or <c>/api/v1/...</c> for the core
    /// group; null when it names no kind.
    /// </summary>
    public static ResourcePath? Read(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["apis", var group, var version, .. var rest] => Read(group, version, rest),
        ["api", var version, .. var rest] => Read("", version, rest),
        _ => null,
    };

    static ResourcePath? Read(string group, string version, string[] rest)
    {
        var ns = rest is ["namespaces", var given, not "status", ..] ? given : null;
        if (ns is not null) rest = rest[2..];
        if (rest.Length is 0 or > 3 || Find(group, version, rest[0]) is not { } kind) return null;
        if (ns is not null && !kind.IsNamespaced) return null;
        if (rest.Length == 3 && (rest[2] != "status" || !kind.HasStatus)) return null;
        if (rest.Length > 1 && kind.IsNamespaced && ns is null) return null;
        return new(kind, ns, rest.Length > 1 ? Uri.UnescapeDataString(rest[1]) : null, rest.Length == 3);
    }

    static KindInfo? Find(string group, string version, string plural) =>
        KindInfo.Served.FirstOrDefault(kind => kind.Plural == plural && kind.Group == group && kind.Version == version);
}
