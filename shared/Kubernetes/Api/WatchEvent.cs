using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>What a watch says. Closed.</summary>
public abstract record WatchEvent<T> where T : Resource
{
    WatchEvent() { }

    /// <summary>The object exists, or has come to match the selectors.</summary>
    public sealed record Added(T Resource) : WatchEvent<T>;

    public sealed record Modified(T Resource) : WatchEvent<T>;

    /// <summary>The object is gone or matches no longer; as it last was, with the resource version of its going.</summary>
    public sealed record Deleted(T Resource) : WatchEvent<T>;

    /// <summary>Nothing happened up to this resource version that has not been sent.</summary>
    public sealed record Bookmark(string ResourceVersion) : WatchEvent<T>;

    /// <summary>The watch is over, and why; code 410 means that its resource version is too old to go on from.</summary>
    public sealed record Error(ApiStatus Status) : WatchEvent<T>;

    /// <summary>Something happened to an object that cannot be read as its kind.</summary>
    /// <param name="IsDeleted">Whether it is gone.</param>
    public sealed record Unreadable(UnreadableObject Resource, bool IsDeleted) : WatchEvent<T>;
}
