namespace Federation.ApiServer;

/// <summary>
/// Wakes everybody who waits. Each goes on where it waits, in its own synchronization context or on the thread pool, and
/// never inside the call that wakes it.
/// </summary>
public sealed class Signal
{
    readonly Lock gate = new();
    LinkedList<TaskCompletionSource<bool>> waiting = new();

    /// <summary>Wakes those who wait now. Who comes later waits for the next time.</summary>
    public void Raise()
    {
        LinkedList<TaskCompletionSource<bool>> woken;
        lock (gate)
        {
            woken = waiting;
            waiting = new();
        }

        foreach (var waiter in woken) waiter.TrySetResult(true);
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
            lock (gate)
            {
                if (node.List == waiting) waiting.Remove(node);
            }
        }
    }
}
