using System.Collections.Concurrent;

namespace Federation.Edge;

/// <summary>
/// One thread on which all of the agent's code runs, interleaved only at awaits: its state needs no locks, and its steps
/// come in an order one can reason about.
/// </summary>
sealed class AgentThread : SynchronizationContext
{
    readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> posted = [];
    readonly Lock gate = new();

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
            if (!posted.IsAddingCompleted) posted.Add((d, state)); // what comes after the end has nobody to run for
        }
    }

    void End()
    {
        lock (gate) posted.CompleteAdding();
    }

    void Loop(Func<Task> work, TaskCompletionSource ended)
    {
        SetSynchronizationContext(this);
        var running = work();
        running.ContinueWith(_ => End(), TaskScheduler.Default);
        foreach (var (callback, state) in posted.GetConsumingEnumerable()) callback(state);

        if (running.Exception is { } failure) ended.SetException(failure.InnerExceptions);
        else if (running.IsCanceled) ended.SetCanceled();
        else ended.SetResult();
    }
}
