using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>A page of objects.</summary>
public sealed record ResourceList<T> where T : Resource
{
    /// <summary>The version of the whole collection, the same on all pages: watch from here.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Null on the last page.</summary>
    public string? Continue { get; init; }

    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Objects of the page that are not of the shape their kind should have.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable { get; init; } = [];
}

/// <summary>
/// An object that exists but cannot be read as its kind, as one written by a newer version or past a missing schema. It is
/// named rather than thrown, so that one bad object does not hide all the others.
/// </summary>
/// <param name="Problem">What is wrong and where, for people.</param>
public sealed record UnreadableObject(ResourceKey Key, string? Uid, string? ResourceVersion, string Problem);
