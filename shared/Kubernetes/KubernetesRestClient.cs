using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>An authenticated way to an API server.</summary>
/// <param name="Http">Adds whatever proves who asks; has no time limit of its own, because watches are long.</param>
public sealed record KubernetesConnection(HttpClient Http, Uri Base, string DefaultNamespace = "default")
{
    /// <summary>A server that asks for no identity, as an embedded one on loopback.</summary>
    public static KubernetesConnection FromUrl(Uri url) => new(new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(15) }) { Timeout = Timeout.InfiniteTimeSpan }, url);
}

/// <summary>The API over HTTP.</summary>
public sealed class KubernetesRestClient(KubernetesConnection connection, TimeProvider time) : IKubernetesApi
{
    const int ErrorBytesMax = 1024 * 1024;

    static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    public async Task<T?> GetAsync<T>(string? ns, string name, CancellationToken cancel) where T : Resource
    {
        try
        {
            return await SendAsync<T>(HttpMethod.Get, ItemPath<T>(ns, name), body: null, "", cancel);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<ResourceList<T>> ListAsync<T>(ListOptions options, CancellationToken cancel) where T : Resource
    {
        var query = Query(("labelSelector", options.LabelSelector), ("fieldSelector", options.FieldSelector), ("continue", options.Continue), ("limit", options.Limit > 0 ? $"{options.Limit}" : null));
        var json = await SendAsync(HttpMethod.Get, KindInfo.Of<T>().Path(options.Namespace) + query, body: null, "", cancel);
        using var document = JsonDocument.Parse(json);
        var metadata = document.RootElement.GetProperty("metadata");
        var items = document.RootElement.GetProperty("items").EnumerateArray().Select(Read<T>).ToList();
        return new(metadata.GetProperty("resourceVersion").GetString()!, metadata.TryGetProperty("continue", out var token) ? token.GetString() : null, items);
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(WatchOptions options, [EnumeratorCancellation] CancellationToken cancel) where T : Resource
    {
        var query = Query(("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", options.ResourceVersion), ("timeoutSeconds", $"{options.TimeoutSeconds}"),
            ("labelSelector", options.LabelSelector), ("fieldSelector", options.FieldSelector));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(connection.Base, KindInfo.Of<T>().Path(options.Namespace) + query));
        using var response = await connection.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!response.IsSuccessStatusCode) throw Failure((int)response.StatusCode, await ReadBoundedAsync(response, cancel));

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
        while (await lines.ReadLineAsync(cancel) is { } line)
        {
            if (line.Length > 0) yield return ReadEvent<T>(line);
        }
    }

    public Task<T> CreateAsync<T>(T resource, CancellationToken cancel) where T : Resource =>
        SendAsync<T>(HttpMethod.Post, KindInfo.Of<T>().Path(resource.Namespace), Complete(resource), "application/json", cancel);

    public Task<T> ReplaceAsync<T>(T resource, CancellationToken cancel) where T : Resource =>
        SendAsync<T>(HttpMethod.Put, ItemPath<T>(resource.Namespace, resource.Name), Complete(resource), "application/json", cancel);

    public Task<T> ReplaceStatusAsync<T>(T resource, CancellationToken cancel) where T : Resource =>
        SendAsync<T>(HttpMethod.Put, $"{ItemPath<T>(resource.Namespace, resource.Name)}/status", Complete(resource), "application/json", cancel);

    public Task<T> MergePatchAsync<T>(string? ns, string name, JsonNode patch, CancellationToken cancel) where T : Resource =>
        SendAsync<T>(HttpMethod.Patch, ItemPath<T>(ns, name), Encoding.UTF8.GetBytes(patch.ToJsonString()), "application/merge-patch+json", cancel);

    public async Task DeleteAsync<T>(string? ns, string name, string? uid, CancellationToken cancel) where T : Resource
    {
        var body = uid is null ? null : JsonSerializer.SerializeToUtf8Bytes(new { kind = "DeleteOptions", apiVersion = "v1", preconditions = new { uid } });
        try
        {
            await SendAsync(HttpMethod.Delete, ItemPath<T>(ns, name), body, "application/json", cancel);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }

    async Task<T> SendAsync<T>(HttpMethod method, string path, byte[]? body, string mediaType, CancellationToken cancel) where T : Resource =>
        ResourceJson.Read<T>(await SendAsync(method, path, body, mediaType, cancel));

    async Task<byte[]> SendAsync(HttpMethod method, string path, byte[]? body, string mediaType, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(RequestLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        using var request = new HttpRequestMessage(method, new Uri(connection.Base, path));
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        try
        {
            using var response = await connection.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!response.IsSuccessStatusCode) throw Failure((int)response.StatusCode, await ReadBoundedAsync(response, either.Token));
            return await response.Content.ReadAsByteArrayAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {RequestLimit.TotalSeconds} s", e);
        }
    }

    static async Task<byte[]> ReadBoundedAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        await response.Content.LoadIntoBufferAsync(ErrorBytesMax, cancel);
        return await response.Content.ReadAsByteArrayAsync(cancel);
    }

    static KubernetesApiException Failure(int code, byte[] body)
    {
        try
        {
            return new(code, JsonSerializer.Deserialize<ApiStatus>(body, ResourceJson.Lenient) ?? new());
        }
        catch (JsonException)
        {
            return new(code, new ApiStatus { Code = code, Message = "the answer is no Status" });
        }
    }

    static WatchEvent<T> ReadEvent<T>(string line) where T : Resource
    {
        using var document = JsonDocument.Parse(line);
        var content = document.RootElement.GetProperty("object");
        return document.RootElement.GetProperty("type").GetString() switch
        {
            "ADDED" or "MODIFIED" => new WatchEvent<T>.Changed(Read<T>(content)),
            "DELETED" => new WatchEvent<T>.Deleted(Read<T>(content)),
            "BOOKMARK" => new WatchEvent<T>.Bookmark(content.GetProperty("metadata").GetProperty("resourceVersion").GetString()!),
            _ => throw new KubernetesApiException(content.TryGetProperty("code", out var code) ? code.GetInt32() : 500, content.Deserialize<ApiStatus>(ResourceJson.Lenient) ?? new()),
        };
    }

    static T Read<T>(JsonElement element) where T : Resource => element.Deserialize<T>(ResourceJson.Lenient) ?? throw new JsonException("null is no object");

    static byte[] Complete(Resource resource)
    {
        var kind = KindInfo.Of(resource.GetType());
        return ResourceJson.Write(resource with { ApiVersion = kind.ApiVersion, Kind = kind.Name });
    }

    static string ItemPath<T>(string? ns, string name) where T : Resource => $"{KindInfo.Of<T>().Path(ns)}/{Uri.EscapeDataString(name)}";

    static string Query(params (string Name, string? Value)[] parts)
    {
        var given = parts.Where(static part => !string.IsNullOrEmpty(part.Value)).Select(static part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToList();
        return given.Count == 0 ? "" : $"?{string.Join('&', given)}";
    }
}
