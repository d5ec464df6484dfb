using Federation.ApiServer;

namespace Federation.Edge;

/// <summary>Pools whose report may have changed, each once; whoever reports is woken by the first.</summary>
sealed class TouchedPools
{
    readonly SortedSet<string> names = new(StringComparer.Ordinal);
    readonly Signal touched = new();

    public void Add(string name)
    {
        if (names.Add(name)) touched.Raise();
    }

    /// <summary>All of them, by name; from here on they count as reported.</summary>
    public IReadOnlyList<string> TakeAll()
    {
        List<string> taken = [.. names];
        names.Clear();
        return taken;
    }

    /// <summary>Waits for one, and no longer than the limit.</summary>
    public Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancel) => touched.WaitAsync(() => names.Count > 0, limit, time, cancel);
}
