using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>What a URL of the API names: a kind, and within it a namespace, an object, a subresource.</summary>
sealed record ResourcePath(KindInfo Kind, string? Namespace, string? Name, bool IsStatus)
{
    /// <summary><c>/apis/{group}/{version}[/namespaces/{namespace}]/{plural}[/{name}[/status]]</c>; null when it names no kind.</summary>
    public static ResourcePath? Read(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["apis", _, _, _, ..]) return null;
        var ns = parts is [_, _, _, "namespaces", var given, _, ..] ? given : null;
        var rest = parts[(ns is null ? 3 : 5)..];
        if (rest.Length is 0 or > 3 || Find(parts[1], parts[2], rest[0]) is not { } kind) return null;
        if (ns is not null && !kind.IsNamespaced) return null;
        if (rest.Length == 3 && (rest[2] != "status" || !kind.HasStatus)) return null;
        if (rest.Length > 1 && kind.IsNamespaced && ns is null) return null;
        return new(kind, ns, rest.Length > 1 ? Uri.UnescapeDataString(rest[1]) : null, rest.Length == 3);
    }

    static KindInfo? Find(string group, string version, string plural) =>
        KindInfo.All.FirstOrDefault(kind => kind.Plural == plural && kind.Group == group && kind.Version == version);
}
