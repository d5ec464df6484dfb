using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Federation.ApiServer;
using Federation.Kubernetes;
using Federation.Resources;
using DeleteOptions = Federation.Kubernetes.DeleteOptions;
using ListOptions = Federation.Kubernetes.ListOptions;

namespace Federation.Simulation;

/// <summary>A client's view of a simulated API server: slow, now and then without an answer, with watches that lag, stop or are too old.</summary>
sealed class ClusterApi(SimulatedCluster cluster, Wire wire, Scheduler scheduler, SimulatedProcess client, TimeProvider time, string actor) : IKubernetesApi
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly WriteOptions write = new(actor);

    /// <summary>Share of watches that are told, at some event, that they are too old.</summary>
    public double TooOld { get; set; }

    public Task<T?> GetAsync<T>(string? ns, string name, CancellationToken cancel) where T : Resource => AskAsync(async () =>
    {
        await cluster.Store.Loaded;
        return cluster.Store.Current.Find<T>(ns, name);
    }, cancel);

    public Task<ResourceList<T>> ListAsync<T>(ListOptions options, CancellationToken cancel) where T : Resource => AskAsync(async () =>
    {
        await cluster.Store.Loaded;
        var page = cluster.Lists.List(KindInfo.Of<T>(), new(Selected<T>(options.Namespace, options.LabelSelector, options.FieldSelector), options.Limit ?? 0, options.Continue));
        return new ResourceList<T> { ResourceVersion = Text(page.Revision), Continue = page.Continue, Items = [.. page.Items.Select(static stored => (T)stored.Resource)] };
    }, cancel);

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(WatchOptions options, [EnumeratorCancellation] CancellationToken cancel) where T : Resource
    {
        var stream = new WireStream<WatchEvent<T>>(scheduler, wire, client);
        var from = ObjectLists.ParseRevision(options.ResourceVersion!);
        scheduler.After(wire.Delay(), () => Open(stream, Selected<T>(options.Namespace, options.LabelSelector, options.FieldSelector), from));
        try
        {
            while (await NextAsync(stream, cancel)) yield return stream.Current;
        }
        finally
        {
            stream.Leave();
        }
    }

    public Task<T> CreateAsync<T>(T resource, bool dryRun = false, CancellationToken cancel = default) where T : Resource =>
        WriteAsync<T>(api => api.CreateAsync(KindInfo.Of<T>(), resource.Namespace, ResourceJson.Write(resource), write with { DryRun = dryRun }, CancellationToken.None), cancel);

    public Task<T> ReplaceAsync<T>(T resource, CancellationToken cancel) where T : Resource =>
        WriteAsync<T>(api => api.ReplaceAsync(KindInfo.Of<T>(), resource.Namespace, resource.Name, statusOnly: false, ResourceJson.Write(resource), write, CancellationToken.None), cancel);

    public Task<T> ReplaceStatusAsync<T>(T resource, CancellationToken cancel) where T : Resource =>
        WriteAsync<T>(api => api.ReplaceAsync(KindInfo.Of<T>(), resource.Namespace, resource.Name, statusOnly: true, ResourceJson.Write(resource), write, CancellationToken.None), cancel);

    public Task<T> MergePatchAsync<T>(string? ns, string name, object patch, string? subresource = null, string? resourceVersion = null, CancellationToken cancel = default) where T : Resource =>
        WriteAsync<T>(api => api.PatchAsync(KindInfo.Of<T>(), ns, name, subresource is "status", PatchKind.Merge, Encoding.UTF8.GetBytes(MergePatch.Of(patch, resourceVersion).ToJsonString()), write, CancellationToken.None), cancel);

    public Task<T> JsonPatchAsync<T>(string? ns, string name, IReadOnlyList<JsonPatchOperation> operations, string? subresource = null, CancellationToken cancel = default) where T : Resource =>
        WriteAsync<T>(api => api.PatchAsync(KindInfo.Of<T>(), ns, name, subresource is "status", PatchKind.Json,
            Encoding.UTF8.GetBytes(new JsonArray([.. operations.Select(static operation => operation.ToJson())]).ToJsonString()), write, CancellationToken.None), cancel);

    public async Task<bool> DeleteAsync<T>(string? ns, string name, DeleteOptions? options = null, CancellationToken cancel = default) where T : Resource
    {
        try
        {
            await AskAsync(async () => await cluster.Api.DeleteAsync(KindInfo.Of<T>(), ns, name, new(actor, Uid: options?.Uid, ResourceVersion: options?.ResourceVersion), CancellationToken.None), cancel);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    async Task<T> WriteAsync<T>(Func<ResourceApi, Task<Resource>> act, CancellationToken cancel) where T : Resource => (T)await AskAsync(() => act(cluster.Api), cancel);

    async Task<T> AskAsync<T>(Func<Task<T>> serve, CancellationToken cancel)
    {
        try
        {
            return await wire.AskAsync(client, time, Patience, () => cluster.Process, serve, cancel);
        }
        catch (ApiException e)
        {
            throw new KubernetesApiException(e.Status.Code ?? 500, e.Status);
        }
        catch (NoAnswerException e)
        {
            throw new HttpRequestException(e.Message, e);
        }
    }

    void Open<T>(WireStream<WatchEvent<T>> stream, Selection selection, long from) where T : Resource
    {
        if (!wire.CarriesThere() || cluster.Process is not { } server)
        {
            stream.Break();
            return;
        }

        server.Died += stream.Break;
        server.Do(async () =>
        {
            await TellAsync(stream, selection, from);
            server.Died -= stream.Break;
        });
    }

    async Task TellAsync<T>(WireStream<WatchEvent<T>> stream, Selection selection, long from) where T : Resource
    {
        var never = new TaskCompletionSource();
        try
        {
            await cluster.Store.Loaded;
            await foreach (var entry in cluster.Lists.WatchAsync(KindInfo.Of<T>(), selection, from, () => never.Task, stream.Left.Token))
            {
                if (scheduler.Random.NextDouble() < TooOld) throw ApiErrors.Expired("too old resource version");
                if (Said<T>(entry) is { } said) stream.Tell(said);
            }
        }
        catch (ApiException e)
        {
            stream.Tell(new WatchEvent<T>.Error(e.Status));
            stream.End(null);
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }
    }

    WatchEvent<T>? Said<T>(WatchEntry entry) where T : Resource => entry switch
    {
        WatchEntry.Event { Type: "ADDED" } e => new WatchEvent<T>.Added((T)e.Stored.Resource),
        WatchEntry.Event { Type: "MODIFIED" } e => new WatchEvent<T>.Modified((T)e.Stored.Resource),
        WatchEntry.Event { Type: "DELETED" } e => new WatchEvent<T>.Deleted((T)e.Stored.Resource),
        WatchEntry.Quiet quiet when scheduler.Random.Next(8) == 0 => new WatchEvent<T>.Bookmark(Text(quiet.Revision)),
        _ => null,
    };

    static async Task<bool> NextAsync<T>(WireStream<WatchEvent<T>> stream, CancellationToken cancel) where T : Resource
    {
        try
        {
            return await stream.MoveNextAsync(cancel);
        }
        catch (NoAnswerException e)
        {
            throw new HttpRequestException(e.Message, e);
        }
    }

    static Selection Selected<T>(string? ns, string? labels, string? fields) => new(ns, SelectorText.Labels(labels), SelectorText.Fields(fields, KindInfo.Of(typeof(T))));

    static string Text(long revision) => revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
