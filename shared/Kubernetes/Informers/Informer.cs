using System.Diagnostics;
using System.Text.Json;
using Federation.Resources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Federation.Kubernetes;

/// <summary>
/// Keeps the objects of a kind at hand: a list, then a watch from there, and again from wherever it broke. What vanished while
/// nobody watched is found by the next list and told as deleted.
/// </summary>
/// <remarks>
/// Reads are safe from any thread. Changes are not: <see cref="RunAsync"/>, <see cref="Observe"/> and <see cref="Forget"/> belong on
/// one synchronization context, and call back from there with each object's changes in order, each from where the one before ended.
/// A callback that throws ends the run.
/// </remarks>
/// <param name="draw">Draws a number from 0 to 1, for the spread of waits.</param>
public sealed class Informer<T>(
    IKubernetesApi api, TimeProvider time, Func<double> draw, InformerOptions? options = null, ILogger<Informer<T>>? log = null)
    where T : Resource
{
    static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(1);

    readonly InformerOptions options = options ?? new();
    readonly ILogger log = log ?? NullLogger<Informer<T>>.Instance;
    readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly ResourceCache<T> cache = new();
    readonly List<Action<T?, T?>> callbacks = [];
    string? version;
    int failures;
    bool started;

    /// <summary>Done once the first list is in the cache and its callbacks have been called; cancelled when the run ends before.</summary>
    public Task HasSynced => synced.Task;

    /// <summary>All objects, by key.</summary>
    public IReadOnlyList<T> Items => cache.Items;

    /// <summary>What exists but cannot be read, by key. An object that could be read before stays in the cache as it was then.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable => cache.Unreadable;

    /// <summary>The object as last heard of, or null when there is none.</summary>
    public T? Get(string? ns, string name) => cache.Get(new ResourceKey(ns ?? "", name));

    public T? Get(ResourceKey key) => cache.Get(key);

    /// <summary>The objects with a value in an index, by key.</summary>
    public IReadOnlyList<T> ByIndex(string index, string value) => cache.ByIndex(index, value);

    /// <summary>Keeps objects by the values that <paramref name="values"/> finds in them. Before the run starts.</summary>
    public void AddIndex(string name, Func<T, IEnumerable<string>> values)
    {
        RefuseOnceStarted();
        cache.AddIndex(name, values);
    }

    /// <summary>Calls back with every change: null before for what is new, null after for what is gone. Before the run starts.</summary>
    public void OnChange(Action<T?, T?> changed)
    {
        RefuseOnceStarted();
        callbacks.Add(changed);
    }

    /// <summary>
    /// Takes the answer to a write of our own into the cache, ahead of the watch, so that the next look sees it. Anything that is
    /// not newer than what the watch has told is ignored.
    /// </summary>
    public void Observe(T resource) => Tell(cache.Observe(resource));

    /// <summary>Takes note of a deletion of our own, ahead of the watch. An object that finalizers keep comes back with the watch.</summary>
    public void Forget(T resource) => Tell(cache.Forget(resource));

    /// <summary>Follows the objects until cancelled, whatever happens. Once.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        RefuseOnceStarted();
        started = true;
        try
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                var wait = await FollowOnceAsync(cancel);
                if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancel);
            }
        }
        finally
        {
            synced.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>One watch, after a list where one is due. Answers how long to wait before the next.</summary>
    async Task<TimeSpan> FollowOnceAsync(CancellationToken cancel)
    {
        try
        {
            if (version is null) await ListAllAsync(cancel);
            return await WatchOnceAsync(cancel) ? TimeSpan.Zero : WaitAfterFailure(null);
        }
        catch (KubernetesApiException e)
        {
            if (e.IsGone) version = null;
            log.FollowingRefused(KindInfo.Of<T>(), e.Code, e.Status.Reason, e.Status.Message);
            return WaitAfterFailure(e.RetryAfter);
        }
        catch (HttpRequestException e)
        {
            log.FollowingFailed(e, KindInfo.Of<T>());
            return WaitAfterFailure(null);
        }
        catch (JsonException e)
        {
            version = null; // Going on from here would meet the same line again.
            log.FollowingFailed(e, KindInfo.Of<T>());
            return WaitAfterFailure(null);
        }
    }

    TimeSpan WaitAfterFailure(TimeSpan? wanted)
    {
        var delay = options.Backoff.Delay(++failures, draw());
        if (wanted is not { } atLeast || atLeast <= delay) return delay;
        return atLeast < options.Backoff.Cap ? atLeast : options.Backoff.Cap;
    }

    async Task ListAllAsync(CancellationToken cancel)
    {
        SortedDictionary<ResourceKey, T> items = [];
        SortedDictionary<ResourceKey, UnreadableObject> unreadable = [];
        int? limit = options.PageSize;
        string? next = null;
        ResourceList<T> page;
        do
        {
            try
            {
                page = await api.ListAsync<T>(Page(limit, next), cancel);
            }
            catch (KubernetesApiException e) when (e.IsGone && next is not null)
            {
                // The list took longer than the server remembers: all at once instead.
                (limit, next) = (null, null);
                items.Clear();
                unreadable.Clear();
                page = await api.ListAsync<T>(Page(limit, next), cancel);
            }

            foreach (var item in page.Items) items[ResourceKey.Of(item)] = item;
            foreach (var item in page.Unreadable) unreadable[item.Key] = item;
            next = page.Continue;
        }
        while (next is not null);

        foreach (var item in unreadable.Values) log.Unreadable(KindInfo.Of<T>(), item.Key, item.Problem);
        version = page.ResourceVersion;
        Tell(cache.Replace(items, unreadable, page.ResourceVersion));
        synced.TrySetResult();
    }

    ListOptions Page(int? limit, string? next) => new()
    {
        Namespace = options.Namespace,
        LabelSelector = options.LabelSelector,
        FieldSelector = options.FieldSelector,
        Limit = limit,
        Continue = next,
    };

    void Tell(IReadOnlyList<CacheChange<T>> changes)
    {
        foreach (var (before, after) in changes)
        {
            foreach (var callback in callbacks) callback(before, after);
        }
    }

    /// <summary>Whether the watch was of use: it brought something, or was merely quiet.</summary>
    async Task<bool> WatchOnceAsync(CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        var heard = false;
        using var idle = new CancellationTokenSource(options.IdleLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, cancel);
        try
        {
            await foreach (var change in api.WatchAsync<T>(Watch(), either.Token))
            {
                idle.CancelAfter(options.IdleLimit);
                Apply(change);
                heard = true;
                failures = 0;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested && idle.IsCancellationRequested)
        {
            log.WatchSilent(KindInfo.Of<T>(), options.IdleLimit);
            return false;
        }

        if (!heard && time.GetElapsedTime(start) < HealthyAfter) return false;
        failures = 0;
        return true;
    }

    WatchOptions Watch() => new()
    {
        Namespace = options.Namespace,
        LabelSelector = options.LabelSelector,
        FieldSelector = options.FieldSelector,
        ResourceVersion = version,
        TimeoutSeconds = Math.Max(1, (int)(options.WatchFor.TotalSeconds * (0.9 + 0.1 * draw()))),
        AllowBookmarks = true,
    };

    void Apply(WatchEvent<T> change)
    {
        switch (change)
        {
            case WatchEvent<T>.Added(var resource):
                Put(resource);
                break;
            case WatchEvent<T>.Modified(var resource):
                Put(resource);
                break;
            case WatchEvent<T>.Deleted(var resource):
                Remove(ResourceKey.Of(resource), resource.Metadata.ResourceVersion);
                break;
            case WatchEvent<T>.Bookmark(var at):
                version = at;
                cache.Reach(at);
                break;
            case WatchEvent<T>.Unreadable(var resource, IsDeleted: true):
                Remove(resource.Key, resource.ResourceVersion);
                break;
            case WatchEvent<T>.Unreadable(var resource, IsDeleted: false):
                version = resource.ResourceVersion ?? version;
                log.Unreadable(KindInfo.Of<T>(), resource.Key, resource.Problem);
                cache.PutUnreadable(resource);
                break;
            case WatchEvent<T>.Error(var status):
                throw new KubernetesApiException(status);
            default:
                throw new UnreachableException(change.ToString());
        }
    }

    void Put(T resource)
    {
        version = resource.Metadata.ResourceVersion ?? version;
        Tell(cache.Put(resource));
    }

    void Remove(ResourceKey key, string? at)
    {
        version = at ?? version;
        Tell(cache.Remove(key, at));
    }

    void RefuseOnceStarted()
    {
        if (started) throw new InvalidOperationException("The informer has been started.");
    }
}
