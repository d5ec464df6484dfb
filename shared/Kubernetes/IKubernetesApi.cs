using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>
/// A Kubernetes-style API server, as controllers and tests see it. Real: HTTP. Simulated: an API server in the same
/// process with faults between.
/// </summary>
public interface IKubernetesApi
{
    /// <summary>Null when there is none of the name.</summary>
    Task<T?> GetAsync<T>(string? ns, string name, CancellationToken cancel) where T : Resource;

    Task<ResourceList<T>> ListAsync<T>(ListOptions options, CancellationToken cancel) where T : Resource;

    /// <summary>Changes behind a resource version, as they come. Ends when the server ends it.</summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(WatchOptions options, CancellationToken cancel) where T : Resource;

    Task<T> CreateAsync<T>(T resource, CancellationToken cancel) where T : Resource;

    /// <summary>Conditional on the resource's version, when it has one.</summary>
    Task<T> ReplaceAsync<T>(T resource, CancellationToken cancel) where T : Resource;

    /// <summary>As <see cref="ReplaceAsync"/>, of the status alone.</summary>
    Task<T> ReplaceStatusAsync<T>(T resource, CancellationToken cancel) where T : Resource;

    Task<T> MergePatchAsync<T>(string? ns, string name, JsonNode patch, CancellationToken cancel) where T : Resource;

    /// <summary>Succeeds also when there is none of the name. With <paramref name="uid"/>, only this object is deleted.</summary>
    Task DeleteAsync<T>(string? ns, string name, string? uid, CancellationToken cancel) where T : Resource;
}

/// <summary>What to list: all namespaces when none is given.</summary>
public sealed record ListOptions(string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null, int Limit = 0, string? Continue = null);

/// <summary>What to watch, and from where.</summary>
public sealed record WatchOptions(string ResourceVersion, string? Namespace = null, string? LabelSelector = null, string? FieldSelector = null, int TimeoutSeconds = 270);

/// <summary>A page of a list.</summary>
public sealed record ResourceList<T>(string ResourceVersion, string? Continue, IReadOnlyList<T> Items) where T : Resource;

/// <summary>What a watch says. Closed.</summary>
public abstract record WatchEvent<T> where T : Resource
{
    WatchEvent() { }

    /// <summary>Added or modified.</summary>
    public sealed record Changed(T Resource) : WatchEvent<T>;

    /// <summary>Gone; in its last version.</summary>
    public sealed record Deleted(T Resource) : WatchEvent<T>;

    /// <summary>Nothing happened up to this version.</summary>
    public sealed record Bookmark(string ResourceVersion) : WatchEvent<T>;
}

/// <summary>The server answered with a failure.</summary>
public sealed class KubernetesApiException(int code, ApiStatus status) : Exception($"{code} {status.Reason}: {status.Message}")
{
    public int Code { get; } = code;

    public ApiStatus Status { get; } = status;

    public bool IsNotFound => Code == 404;

    public bool IsAlreadyExists => Code == 409 && Status.Reason == ApiReasons.AlreadyExists;

    public bool IsConflict => Code == 409 && Status.Reason != ApiReasons.AlreadyExists;

    public bool IsGone => Code == 410;

    public bool IsInvalid => Code is 400 or 422;

    public bool IsTooManyRequests => Code == 429;
}
