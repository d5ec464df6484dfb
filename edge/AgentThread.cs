namespace Federation.Edge;

/// <summary>
/// One thread on which all of the agent's code runs, interleaved only at awaits: its state needs no locks, and its steps
/// come in an order one can reason about.
/// </summary>
sealed class AgentThread : SynchronizationContext
{
    readonly object gate = new();
    Queue<(SendOrPostCallback Callback, object? State)> posted = new();
    Queue<(SendOrPostCallback Callback, object? State)> taken = new();
    bool hasEnded;

    /// <summary>Runs <paramref name="work"/> and everything it awaits on a thread of its own, until it ends.</summary>
    public static Task RunAsync(Func<Task> work)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => new AgentThread().Loop(work, ended)) { IsBackground = true, Name = "agent" }.Start();
        return ended.Task;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (gate)
        {
            if (hasEnded) return; // what comes after the end has nobody to run for
            posted.Enqueue((d, state));
            if (posted.Count == 1) Monitor.Pulse(gate);
        }
    }

    void End()
    {
        lock (gate)
        {
            hasEnded = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>Takes all that was posted; false when that was the last. Sleeps until then: a thread that waits by turning takes the core from who it waits for.</summary>
    bool Take()
    {
        lock (gate)
        {
            while (posted.Count == 0 && !hasEnded) Monitor.Wait(gate);
            (posted, taken) = (taken, posted);
            return taken.Count > 0;
        }
    }

    void Loop(Func<Task> work, TaskCompletionSource ended)
    {
        SetSynchronizationContext(this);
        var running = work();
        running.ContinueWith(_ => End(), TaskScheduler.Default);
        while (Take())
        {
            while (taken.TryDequeue(out var next)) next.Callback(next.State);
        }

        if (running.Exception is { } failure) ended.SetException(failure.InnerExceptions);
        else if (running.IsCanceled) ended.SetCanceled();
        else ended.SetResult();
    }
}
