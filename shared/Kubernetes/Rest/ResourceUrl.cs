using System.Globalization;
using System.Text;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>The addresses of collections and objects.</summary>
static class ResourceUrl
{
    public static string Collection(KindInfo kind, string? ns) => kind.Path(ns is null ? null : Segment(ns, nameof(ns)));

    public static string Object(KindInfo kind, string? ns, string name, string? subresource = null)
    {
        if (kind.IsNamespaced && ns is null) throw new ArgumentException($"Objects of {kind} are in namespaces.", nameof(ns));

        var path = $"{Collection(kind, ns)}/{Segment(name, nameof(name))}";
        return subresource is null ? path : $"{path}/{Segment(subresource, nameof(subresource))}";
    }

    public static string List(KindInfo kind, ListOptions options) => Collection(kind, options.Namespace) + Query(
    [
        ("labelSelector", options.LabelSelector),
        ("fieldSelector", options.FieldSelector),
        ("limit", options.Limit?.ToString(CultureInfo.InvariantCulture)),
        ("continue", options.Continue),
    ]);

    public static string Watch(KindInfo kind, WatchOptions options) => Collection(kind, options.Namespace) + Query(
    [
        ("watch", "true"),
        ("labelSelector", options.LabelSelector),
        ("fieldSelector", options.FieldSelector),
        ("resourceVersion", options.ResourceVersion),
        ("timeoutSeconds", options.TimeoutSeconds?.ToString(CultureInfo.InvariantCulture)),
        ("allowWatchBookmarks", options.AllowBookmarks ? "true" : null),
    ]);

    static string Query(ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var query = new StringBuilder();
        foreach (var (name, value) in parts)
        {
            if (value is not { Length: > 0 }) continue;
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return query.ToString();
    }

    /// <summary>One part of a path. An empty one or dots would make it another path: a delete, that of a whole collection.</summary>
    static string Segment(string text, string parameter) => text is "" or "." or ".."
        ? throw new ArgumentException($"\"{text}\" is not a name.", parameter)
        : Uri.EscapeDataString(text);
}
