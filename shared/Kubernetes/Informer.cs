using System.Globalization;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>
/// A copy of all objects of a kind, kept current: list, then watch from there, and list again when the server no longer
/// knows where we were. What vanished unseen is told as deleted. All callbacks come from the one loop, or from who wrote.
/// </summary>
public sealed class Informer<T>(IKubernetesApi api, TimeProvider time, Func<double> draw) where T : Resource
{
    const int PageMax = 500;

    static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);

    readonly SortedDictionary<(string Namespace, string Name), T> items = new(ByOrdinal);
    readonly List<Action<T?, T?>> observers = [];
    readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when everything has been listed once.</summary>
    public Task HasSynced => synced.Task;

    /// <summary>By namespace and name.</summary>
    public IEnumerable<T> Items => items.Values;

    public T? Get(string? ns, string name) => items.GetValueOrDefault((ns ?? "", name));

    /// <summary>Called with what was and what is, null for none. Register before the informer runs.</summary>
    public void OnChange(Action<T?, T?> observer) => observers.Add(observer);

    /// <summary>Takes in the answer to one's own write at once; never goes back to an older version.</summary>
    public void Observe(T resource)
    {
        var before = Get(resource.Namespace, resource.Name);
        if (before is not null && Version(before) >= Version(resource)) return;
        items[Key(resource)] = resource;
        Tell(before, resource);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        var failures = 0;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var version = await ListAsync(cancel);
                failures = 0;
                synced.TrySetResult();
                while (true) version = await WatchAsync(version, cancel);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or KubernetesApiException or System.Text.Json.JsonException && !cancel.IsCancellationRequested)
            {
                if (e is not KubernetesApiException { IsGone: true }) await Task.Delay(Backoff(failures++), time, cancel);
            }
        }
    }

    async Task<string> ListAsync(CancellationToken cancel)
    {
        Dictionary<(string, string), T> found = [];
        ResourceList<T> page;
        string? token = null;
        do
        {
            page = await api.ListAsync<T>(new ListOptions(Limit: PageMax, Continue: token), cancel);
            foreach (var item in page.Items) found[Key(item)] = item;
            token = page.Continue;
        }
        while (!string.IsNullOrEmpty(token));

        foreach (var gone in items.Keys.Where(key => !found.ContainsKey(key)).ToList()) Remove(gone);
        foreach (var item in found.Values.OrderBy(Key, ByOrdinal)) Observe(item);
        return page.ResourceVersion;
    }

    async Task<string> WatchAsync(string version, CancellationToken cancel)
    {
        await foreach (var change in api.WatchAsync<T>(new WatchOptions(version), cancel))
        {
            switch (change)
            {
                case WatchEvent<T>.Changed(var resource):
                    Observe(resource);
                    version = resource.Metadata.ResourceVersion!;
                    break;
                case WatchEvent<T>.Deleted(var resource):
                    if (Get(resource.Namespace, resource.Name) is { } current && current.Uid == resource.Uid) Remove(Key(resource));
                    version = resource.Metadata.ResourceVersion!;
                    break;
                case WatchEvent<T>.Bookmark(var reached):
                    version = reached;
                    break;
            }
        }

        return version;
    }

    /// <summary>One's own delete has been answered.</summary>
    public void Forget(T resource)
    {
        if (Get(resource.Namespace, resource.Name)?.Uid == resource.Uid) Remove(Key(resource));
    }

    void Remove((string, string) key)
    {
        if (items.Remove(key, out var gone)) Tell(gone, null);
    }

    void Tell(T? before, T? after)
    {
        foreach (var observer in observers) observer(before, after);
    }

    TimeSpan Backoff(int failures)
    {
        var delay = Math.Min(BackoffFirst.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20)), BackoffMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Min(delay * (0.9 + (0.2 * draw())), BackoffMax.TotalMilliseconds));
    }

    static (string Namespace, string Name) Key(T resource) => (resource.Namespace ?? "", resource.Name);

    static long Version(T resource) => long.TryParse(resource.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    static readonly IComparer<(string Namespace, string Name)> ByOrdinal = Comparer<(string Namespace, string Name)>.Create(static (a, b) =>
        string.CompareOrdinal(a.Namespace, b.Namespace) is not 0 and var order ? order : string.CompareOrdinal(a.Name, b.Name));
}
