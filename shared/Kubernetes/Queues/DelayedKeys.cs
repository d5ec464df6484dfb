using System.Diagnostics.CodeAnalysis;

namespace Federation.Kubernetes;

/// <summary>Keys that wait for their time, behind one timer. Its owner keeps callers apart.</summary>
sealed class DelayedKeys<TKey> : IDisposable where TKey : notnull
{
    static readonly TimeSpan DelayMax = TimeSpan.FromDays(30);

    readonly TimeProvider time;
    readonly ITimer timer;
    readonly Dictionary<TKey, Entry> entries = [];
    readonly SortedSet<Entry> order = new(Comparer<Entry>.Create(static (a, b) => (a.Due, a.Number).CompareTo((b.Due, b.Number))));
    long number;

    public DelayedKeys(TimeProvider time, Action due)
    {
        this.time = time;
        timer = time.CreateTimer(static state => ((Action)state!)(), due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count => entries.Count;

    /// <summary>False when there are <paramref name="keysMax"/> already.</summary>
    public bool TryAdd(TKey key, TimeSpan delay, int keysMax)
    {
        var due = time.GetTimestamp() + Units(delay < DelayMax ? delay : DelayMax);
        if (entries.TryGetValue(key, out var earlier))
        {
            if (earlier.Due <= due) return true;
            order.Remove(earlier);
        }
        else if (entries.Count >= keysMax)
        {
            return false;
        }

        var entry = new Entry(due, ++number, key);
        entries[key] = entry;
        order.Add(entry);
        if (order.Min == entry) Arm();
        return true;
    }

    public bool TryTakeDue([MaybeNullWhen(false)] out TKey key)
    {
        key = default;
        if (order.Count == 0 || order.Min.Due > time.GetTimestamp()) return false;

        var first = order.Min;
        order.Remove(first);
        entries.Remove(first.Key);
        key = first.Key;
        return true;
    }

    /// <summary>Sets the timer to the next key. Rounded up to whole milliseconds, as timers count, so that it never fires just too early.</summary>
    public void Arm()
    {
        if (order.Count == 0) return;
        var rest = time.GetElapsedTime(time.GetTimestamp(), order.Min.Due);
        timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(rest.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();

    long Units(TimeSpan delay) => (long)((Int128)delay.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond);

    readonly record struct Entry(long Due, long Number, TKey Key);
}
