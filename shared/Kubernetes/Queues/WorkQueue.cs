namespace Federation.Kubernetes;

/// <summary>
/// Keys that want work. A key waits once however often it is added, is with one worker at a time, and when it is added while
/// one works on it, comes back when that is done. First in, first out.
/// </summary>
/// <remarks>Safe from any thread. Starts no work of its own: delays are one timer of the given time.</remarks>
#pragma warning disable CA1711 // It is a queue, and the word that everyone who writes controllers knows it by.
public sealed class WorkQueue<TKey> : IDisposable where TKey : notnull
#pragma warning restore CA1711
{
    /// <summary>How many keys a queue holds unless told otherwise.</summary>
    public const int KeysMaxDefault = 1_000_000;

    /// <summary>How often a key's turn comes within <see cref="TurnsWithin"/>: whoever writes what another takes back at once does not keep an API server busy.</summary>
    public const int TurnsMax = 20;

    /// <summary>What <see cref="TurnsMax"/> counts by.</summary>
    public static readonly TimeSpan TurnsWithin = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    readonly Queue<TKey> ready = new();
    readonly LinkedList<TaskCompletionSource<TKey>> takers = new();
    readonly HashSet<TKey> dirty = [];
    readonly HashSet<TKey> processing = [];
    readonly Dictionary<TKey, int> failures = [];
    readonly DelayedKeys<TKey> delayed;
    readonly TimeProvider time;
    readonly Backoff backoff;
    readonly Func<double> draw;
    readonly int keysMax;
    Dictionary<TKey, int> turns = [];
    long turnsSince;

    /// <param name="draw">Draws a number from 0 to 1, for the spread of <see cref="Retry"/>.</param>
    /// <param name="backoff">How long <see cref="Retry"/> waits.</param>
    /// <param name="keysMax">How many keys may be waiting, delayed or being counted for <see cref="Retry"/>, each.</param>
    public WorkQueue(TimeProvider time, Func<double> draw, Backoff? backoff = null, int keysMax = KeysMaxDefault)
    {
        this.draw = draw;
        this.backoff = backoff ?? new Backoff();
        this.keysMax = keysMax;
        this.time = time;
        turnsSince = time.GetTimestamp();
        delayed = new DelayedKeys<TKey>(time, AddDue);
    }

    /// <summary>How many keys wait for a worker.</summary>
    public int Count
    {
        get
        {
            lock (gate) return ready.Count;
        }
    }

    /// <summary>How many keys wait for their time.</summary>
    public int DelayedCount
    {
        get
        {
            lock (gate) return delayed.Count;
        }
    }

    /// <summary>Adds a key, unless it waits already. False, and nothing kept, when the queue is full.</summary>
    public bool Add(TKey key)
    {
        lock (gate) return TryAdd(key);
    }

    /// <summary>Adds a key after a delay. Of several delays of one key, the one that ends first counts. False when the queue is full.</summary>
    public bool AddAfter(TKey key, TimeSpan delay)
    {
        lock (gate) return delay <= TimeSpan.Zero ? TryAdd(key) : delayed.TryAdd(key, delay, keysMax);
    }

    /// <summary>
    /// Adds a key after a delay that grows with every call, until <see cref="Forget"/>. False when the queue is full. Whoever has
    /// the key gives it back by <see cref="Done"/> all the same.
    /// </summary>
    public bool Retry(TKey key)
    {
        lock (gate)
        {
            var count = failures.GetValueOrDefault(key) + 1;
            if (count > 1 || failures.Count < keysMax) failures[key] = count;
            return delayed.TryAdd(key, backoff.Delay(count, draw()), keysMax);
        }
    }

    /// <summary>Says that a key's work went well: the next <see cref="Retry"/> starts from the shortest delay.</summary>
    public void Forget(TKey key)
    {
        lock (gate) failures.Remove(key);
    }

    /// <summary>The next key, once there is one. It is the caller's alone until <see cref="Done"/>.</summary>
    public ValueTask<TKey> TakeAsync(CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested) return ValueTask.FromCanceled<TKey>(cancel);

        LinkedListNode<TaskCompletionSource<TKey>> taker;
        lock (gate)
        {
            if (ready.TryDequeue(out var key)) return ValueTask.FromResult(HandOut(key));
            taker = takers.AddLast(new TaskCompletionSource<TKey>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return new ValueTask<TKey>(WaitAsync(taker, cancel));
    }

    /// <summary>Gives a key back. It waits again at once when it was added meanwhile, or after <paramref name="again"/>.</summary>
    public void Done(TKey key, TimeSpan? again = null)
    {
        lock (gate)
        {
            if (processing.Remove(key) && dirty.Contains(key)) Offer(key);
            if (again is not { } delay) return;
            if (delay <= TimeSpan.Zero) TryAdd(key);
            else delayed.TryAdd(key, delay, keysMax);
        }
    }

    public void Dispose()
    {
        lock (gate) delayed.Dispose();
    }

    void AddDue()
    {
        lock (gate)
        {
            while (dirty.Count < keysMax && delayed.TryTakeDue(out var key)) TryAdd(key);
            delayed.Arm();
        }
    }

    bool TryAdd(TKey key)
    {
        if (dirty.Contains(key)) return true;
        if (UntilNextTurn(key) is { } wait) return delayed.TryAdd(key, wait, keysMax);
        if (dirty.Count >= keysMax) return false;

        dirty.Add(key);
        if (!processing.Contains(key)) Offer(key);
        return true;
    }

    /// <summary>How long a key has to wait that had all its turns; null when it has not.</summary>
    TimeSpan? UntilNextTurn(TKey key)
    {
        var passed = time.GetElapsedTime(turnsSince);
        if (passed >= TurnsWithin) (turns, turnsSince) = ([], time.GetTimestamp());
        return turns.GetValueOrDefault(key) < TurnsMax ? null : TurnsWithin - passed;
    }

    void Offer(TKey key)
    {
        if (takers.First is not { } taker)
        {
            ready.Enqueue(key);
            return;
        }

        takers.RemoveFirst();
        taker.Value.SetResult(HandOut(key));
    }

    TKey HandOut(TKey key)
    {
        dirty.Remove(key);
        processing.Add(key);
        turns[key] = turns.GetValueOrDefault(key) + 1;
        return key;
    }

    async Task<TKey> WaitAsync(LinkedListNode<TaskCompletionSource<TKey>> taker, CancellationToken cancel)
    {
        using var registration = cancel.UnsafeRegister(_ => GiveUp(taker, cancel), null);
        return await taker.Value.Task;
    }

    /// <summary>Ends a wait, unless a key has been handed to it already: a key is never lost.</summary>
    void GiveUp(LinkedListNode<TaskCompletionSource<TKey>> taker, CancellationToken cancel)
    {
        lock (gate)
        {
            if (taker.List is null) return;
            takers.Remove(taker);
        }

        taker.Value.SetCanceled(cancel);
    }
}
