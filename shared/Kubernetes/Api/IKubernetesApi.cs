using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>
/// What the project asks of a Kubernetes API: the one door to it, real or simulated.
/// A refusal is a <see cref="KubernetesApiException"/>; no answer, or none in time, is an <see cref="HttpRequestException"/>;
/// an answer that is not what it should be is a <see cref="System.Text.Json.JsonException"/>.
/// </summary>
/// <remarks>
/// <c>ns</c> is the namespace; where it is null the kind is cluster-wide or the connection's own namespace is meant,
/// and all namespaces in lists and watches.
/// </remarks>
public interface IKubernetesApi
{
    /// <summary>The object, or null when there is none. A kind that the server does not know is a failure, not null.</summary>
    Task<T?> GetAsync<T>(string? ns, string name, CancellationToken cancel) where T : Resource;

    /// <summary>One page of the objects of a kind.</summary>
    Task<ResourceList<T>> ListAsync<T>(ListOptions options, CancellationToken cancel) where T : Resource;

    /// <summary>
    /// What happens to objects from a resource version on. Ends when the server ends it, which is no failure. A refusal to
    /// start is thrown; one that comes later is a <see cref="WatchEvent{T}.Error"/>, the last event.
    /// </summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(WatchOptions options, CancellationToken cancel) where T : Resource;

    /// <summary>Creates an object and answers what the server made of it; with <paramref name="dryRun"/> nothing is kept.</summary>
    Task<T> CreateAsync<T>(T resource, bool dryRun = false, CancellationToken cancel = default) where T : Resource;

    /// <summary>Replaces all but the status. With a resource version in its metadata, only that version is replaced.</summary>
    Task<T> ReplaceAsync<T>(T resource, CancellationToken cancel) where T : Resource;

    /// <summary>Replaces the status and nothing else, under the same condition.</summary>
    Task<T> ReplaceStatusAsync<T>(T resource, CancellationToken cancel) where T : Resource;

    /// <summary>Merges a patch after RFC 7386 into an object.</summary>
    /// <param name="patch">
    /// A <see cref="System.Text.Json.Nodes.JsonNode"/>, or any value that becomes a JSON object. Nulls of a value's properties are
    /// not sent; to remove a field, give it as null in a JsonNode.
    /// </param>
    /// <param name="subresource">As <c>status</c>; null for the object itself.</param>
    /// <param name="resourceVersion">When given, only this version is patched; any other is a conflict.</param>
    Task<T> MergePatchAsync<T>(
        string? ns, string name, object patch, string? subresource = null, string? resourceVersion = null, CancellationToken cancel = default)
        where T : Resource;

    /// <summary>Applies operations after RFC 6902, all or none. A <c>test</c> that fails is a refusal with 422.</summary>
    Task<T> JsonPatchAsync<T>(
        string? ns, string name, IReadOnlyList<JsonPatchOperation> operations, string? subresource = null, CancellationToken cancel = default)
        where T : Resource;

    /// <summary>Asks for an object's deletion; with finalizers it goes later. False when there is no such object.</summary>
    Task<bool> DeleteAsync<T>(string? ns, string name, DeleteOptions? options = null, CancellationToken cancel = default) where T : Resource;
}
