namespace Federation.ApiServer;

/// <summary>
/// Wakes everybody who waits. Each goes on where it waits, in its own synchronization context or on the thread pool, and
/// never inside the call that wakes it. Many are woken a few at a time, each few behind the work that came in meanwhile: a
/// thousand watches that are all told at once would make every request wait for the thousandth.
/// </summary>
public sealed class Signal
{
    const int AtOnce = 16;

    readonly Lock gate = new();
    readonly LinkedList<TaskCompletionSource<bool>> waiting = new();
    readonly Queue<TaskCompletionSource<bool>> due = new();
    bool isWaking;

    /// <summary>Wakes those who wait now. Who comes later waits for the next time.</summary>
    public void Raise()
    {
        lock (gate)
        {
            foreach (var waiter in waiting) due.Enqueue(waiter);
            waiting.Clear();
            if (isWaking || due.Count == 0) return;
            isWaking = true;
        }

        _ = WakeAsync();
    }

    /// <summary>Waits to be woken.</summary>
    /// <param name="already">What there is to wake for: asked once the wait has begun, so that nothing is missed between a look and a wait.</param>
    /// <param name="limit">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <returns>True when woken, or when there was something already; false when the time is over.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<bool> WaitAsync(Func<bool> already, TimeSpan limit, TimeProvider time, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource<bool>> node;
        lock (gate) node = waiting.AddLast(waiter);
        try
        {
            if (already()) return true;
            await using var timer = limit == Timeout.InfiniteTimeSpan ? null : time.CreateTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), waiter, limit, Timeout.InfiniteTimeSpan);
            await using var registration = cancel.UnsafeRegister(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), waiter);
            return await waiter.Task;
        }
        finally
        {
            lock (gate) node.List?.Remove(node);
        }
    }

    async Task WakeAsync()
    {
        while (WakeSome()) await Task.Yield();
    }

    /// <summary>False when nobody is left to be woken.</summary>
    bool WakeSome()
    {
        for (var woken = 0; woken < AtOnce; woken++)
        {
            TaskCompletionSource<bool>? waiter;
            lock (gate)
            {
                if (!due.TryDequeue(out waiter)) return isWaking = false;
            }

            waiter.TrySetResult(true);
        }

        return true;
    }
}
