using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>A Kubernetes API over HTTP.</summary>
/// <param name="metrics">Null where nobody measures.</param>
public sealed class KubernetesRestClient(KubernetesConnection connection, TimeProvider time, KubernetesMetrics? metrics = null) : IKubernetesApi
{
    /// <summary>A longer line of a watch is refused; the largest object of a cluster has less than 2 MiB.</summary>
    public const int WatchLineBytesMax = 8 * 1024 * 1024;

    readonly RestCalls calls = new(connection, time, metrics);

    public async Task<T?> GetAsync<T>(string? ns, string name, CancellationToken cancel) where T : Resource
    {
        var url = ResourceUrl.Object(KindInfo.Of<T>(), Within<T>(ns), name);
        try
        {
            return ApiAnswer.Object<T>(await calls.SendAsync(HttpMethod.Get, url, body: null, cancel));
        }
        catch (KubernetesApiException e) when (SaysAbsent(e, name))
        {
            return null;
        }
    }

    public async Task<ResourceList<T>> ListAsync<T>(ListOptions options, CancellationToken cancel) where T : Resource =>
        ApiAnswer.List<T>(await calls.SendAsync(HttpMethod.Get, ResourceUrl.List(KindInfo.Of<T>(), options), body: null, cancel));

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(WatchOptions options, [EnumeratorCancellation] CancellationToken cancel)
        where T : Resource
    {
        using var response = await calls.OpenAsync(ResourceUrl.Watch(KindInfo.Of<T>(), options), cancel);
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        await using var lines = new LineReader(stream, WatchLineBytesMax);
        while (await lines.ReadAsync(cancel) is { } line)
        {
            if (line.AsSpan().Trim((byte)' ').Trim((byte)'\r').IsEmpty) continue;
            var change = ApiAnswer.Event<T>(line);
            yield return change;
            if (change is WatchEvent<T>.Error) yield break;
        }
    }

    public Task<T> CreateAsync<T>(T resource, bool dryRun = false, CancellationToken cancel = default) where T : Resource
    {
        var kind = KindInfo.Of<T>();
        var url = ResourceUrl.Collection(kind, Within<T>(resource.Namespace)) + (dryRun ? "?dryRun=All" : "");
        return WriteAsync<T>(HttpMethod.Post, url, Json(Complete(resource)), cancel);
    }

    public Task<T> ReplaceAsync<T>(T resource, CancellationToken cancel) where T : Resource => PutAsync(resource, subresource: null, cancel);

    public Task<T> ReplaceStatusAsync<T>(T resource, CancellationToken cancel) where T : Resource => PutAsync(resource, "status", cancel);

    public Task<T> MergePatchAsync<T>(
        string? ns, string name, object patch, string? subresource = null, string? resourceVersion = null, CancellationToken cancel = default)
        where T : Resource =>
        PatchAsync<T>(ns, name, subresource, MergePatch.Of(patch, resourceVersion), "application/merge-patch+json", cancel);

    public Task<T> JsonPatchAsync<T>(
        string? ns, string name, IReadOnlyList<JsonPatchOperation> operations, string? subresource = null, CancellationToken cancel = default)
        where T : Resource =>
        PatchAsync<T>(ns, name, subresource, new JsonArray([.. operations.Select(static operation => operation.ToJson())]), "application/json-patch+json", cancel);

    public async Task<bool> DeleteAsync<T>(string? ns, string name, DeleteOptions? options = null, CancellationToken cancel = default) where T : Resource
    {
        var url = ResourceUrl.Object(KindInfo.Of<T>(), Within<T>(ns), name);
        var body = new RequestBody(JsonSerializer.SerializeToUtf8Bytes(Body(options ?? new()), ResourceJson.Lenient), RequestBody.Json);
        try
        {
            await calls.SendAsync(HttpMethod.Delete, url, body, cancel);
            return true;
        }
        catch (KubernetesApiException e) when (SaysAbsent(e, name))
        {
            return false;
        }
    }

    Task<T> PutAsync<T>(T resource, string? subresource, CancellationToken cancel) where T : Resource
    {
        var url = ResourceUrl.Object(KindInfo.Of<T>(), Within<T>(resource.Namespace), resource.Name, subresource);
        return WriteAsync<T>(HttpMethod.Put, url, Json(Complete(resource)), cancel);
    }

    Task<T> PatchAsync<T>(string? ns, string name, string? subresource, JsonNode patch, string contentType, CancellationToken cancel) where T : Resource
    {
        var url = ResourceUrl.Object(KindInfo.Of<T>(), Within<T>(ns), name, subresource);
        return WriteAsync<T>(HttpMethod.Patch, url, new RequestBody(JsonSerializer.SerializeToUtf8Bytes(patch), contentType), cancel);
    }

    async Task<T> WriteAsync<T>(HttpMethod method, string url, RequestBody body, CancellationToken cancel) where T : Resource =>
        ApiAnswer.Object<T>(await calls.SendAsync(method, url, body, cancel));

    string? Within<T>(string? ns) where T : Resource => KindInfo.Of<T>().IsNamespaced ? ns ?? connection.DefaultNamespace : null;

    static RequestBody Json(Resource resource) => new(ResourceJson.Write(resource), RequestBody.Json);

    static T Complete<T>(T resource) where T : Resource =>
        resource with { ApiVersion = KindInfo.Of<T>().ApiVersion, Kind = KindInfo.Of<T>().Name };

    /// <summary>Whether the server said that it has no such object, rather than no such kind.</summary>
    static bool SaysAbsent(KubernetesApiException e, string name) => e.IsNotFound && e.Status.Details?.Name == name;

    static JsonObject Body(DeleteOptions options)
    {
        var body = new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1" };
        if (options.GracePeriodSeconds is { } grace) body["gracePeriodSeconds"] = grace;
        if (options.Propagation is not DeletePropagation.Unspecified) body["propagationPolicy"] = options.Propagation.ToString();
        if ((options.Uid ?? options.ResourceVersion) is null) return body;

        var conditions = new JsonObject();
        if (options.Uid is { } uid) conditions["uid"] = uid;
        if (options.ResourceVersion is { } version) conditions["resourceVersion"] = version;
        body["preconditions"] = conditions;
        return body;
    }
}

/// <summary>What a request carries.</summary>
readonly record struct RequestBody(byte[] Bytes, string ContentType)
{
    public const string Json = "application/json";

    public HttpContent ToContent() => new ByteArrayContent(Bytes) { Headers = { ContentType = new MediaTypeHeaderValue(ContentType) } };
}
