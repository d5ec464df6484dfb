namespace Federation.Simulation;

/// <summary>
/// What a server tells a client, one after the other, over a wire: in order and without a gap. Once something is lost the
/// stream is dumb: it brings nothing more, and whether anybody says that it broke is a matter of luck.
/// </summary>
sealed class WireStream<T>(Scheduler scheduler, Wire wire, SimulatedProcess client)
{
    readonly Queue<T> arrived = new();
    TaskCompletionSource<bool>? waiting;
    Exception? failure;
    TimeSpan lastAt;
    bool isDumb;
    bool isEnded;

    /// <summary>Done when the client no longer listens.</summary>
    public CancellationTokenSource Left { get; } = new();

    /// <summary>The one at hand after <see cref="MoveNextAsync"/> said that there is one.</summary>
    public T Current { get; private set; } = default!;

    /// <summary>Called by the server.</summary>
    public void Tell(T item) => Send(() => arrived.Enqueue(item));

    /// <summary>Called by the server when it is done, or has failed.</summary>
    public void End(Exception? why) => Send(() => (failure, isEnded) = (why, true));

    /// <summary>The server is gone: the client learns it some time, or by its own impatience.</summary>
    public void Break()
    {
        isDumb = true;
        if (scheduler.Random.Next(2) == 0) scheduler.After(wire.Delay() * 50, () => client.Do(() => Take(() => (failure, isEnded) = (new NoAnswerException(isTimeout: false), true))));
    }

    /// <summary>Called by the client. False at the end.</summary>
    public async Task<bool> MoveNextAsync(CancellationToken cancel)
    {
        while (arrived.Count == 0)
        {
            if (isEnded) return failure is { } why ? throw why : false;
            var signal = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = cancel.Register(() => signal.TrySetCanceled(cancel));
            await signal.Task;
        }

        Current = arrived.Dequeue();
        return true;
    }

    /// <summary>Called by the client when it stops listening; the server hears of it some time.</summary>
    public void Leave() => scheduler.After(wire.Delay() * 10, Left.Cancel);

    void Send(Action take)
    {
        if (isDumb) return;
        if (!wire.CarriesBack())
        {
            Break();
            return;
        }

        var at = scheduler.Now + wire.Delay();
        lastAt = at > lastAt ? at : lastAt;
        scheduler.At(lastAt, () => client.Do(() => Take(take)));
    }

    void Take(Action take)
    {
        take();
        var signal = waiting;
        waiting = null;
        signal?.TrySetResult(true);
    }
}
