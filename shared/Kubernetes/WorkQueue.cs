namespace Federation.Kubernetes;

/// <summary>
/// What is to be looked at, each key once. A key being worked on is not handed out again; added meanwhile, it comes back
/// when that is done. Failing keys wait longer each time, one by one. For one thread.
/// </summary>
public sealed class WorkQueue<TKey>(TimeProvider time, Func<double> draw) where TKey : notnull
{
    static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);

    readonly Queue<TKey> ready = new();
    readonly HashSet<TKey> dirty = [];
    readonly HashSet<TKey> processing = [];
    readonly Dictionary<TKey, int> failures = [];
    readonly Dictionary<TKey, (long Due, ITimer Timer)> delayed = [];
    readonly SynchronizationContext? home = SynchronizationContext.Current;
    TaskCompletionSource? waiting;

    public int Count => ready.Count;

    public void Add(TKey key)
    {
        if (delayed.Remove(key, out var entry)) entry.Timer.Dispose();
        if (!dirty.Add(key) || processing.Contains(key)) return;
        ready.Enqueue(key);
        Wake();
    }

    /// <summary>Adds the key later; of several times the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        var due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        if (delayed.TryGetValue(key, out var entry))
        {
            if (entry.Due <= due) return;
            entry.Timer.Dispose();
        }

        delayed[key] = (due, time.CreateTimer(_ => OnHome(() => Add(key)), null, delay, Timeout.InfiniteTimeSpan));
    }

    public async ValueTask<TKey> TakeAsync(CancellationToken cancel)
    {
        while (ready.Count == 0)
        {
            waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await waiting.Task.WaitAsync(cancel);
        }

        var key = ready.Dequeue();
        dirty.Remove(key);
        processing.Add(key);
        return key;
    }

    /// <summary>The key was looked at, and all is well with it for now.</summary>
    public void Done(TKey key)
    {
        failures.Remove(key);
        Finish(key);
    }

    /// <summary>The key could not be dealt with: it comes back, later each time.</summary>
    public void Retry(TKey key)
    {
        var count = failures[key] = failures.GetValueOrDefault(key) + 1;
        Finish(key);
        var delay = Math.Min(BackoffFirst.TotalMilliseconds * Math.Pow(2, Math.Min(count - 1, 20)), BackoffMax.TotalMilliseconds);
        AddAfter(key, TimeSpan.FromMilliseconds(Math.Min(delay * (0.9 + (0.2 * draw())), BackoffMax.TotalMilliseconds)));
    }

    void Finish(TKey key)
    {
        processing.Remove(key);
        if (!dirty.Contains(key)) return;
        ready.Enqueue(key);
        Wake();
    }

    void Wake() => waiting?.TrySetResult();

    /// <summary>Timers fire on threads of their own; the queue belongs to the thread that made it.</summary>
    void OnHome(Action action)
    {
        if (home is null) action();
        else home.Post(static state => ((Action)state!)(), action);
    }
}
