namespace Federation.Simulation;

/// <summary>One thread for a whole world. What is ready next is drawn from the seed, so a seed replays its interleaving.</summary>
sealed class SimulatedThread(Random random) : SynchronizationContext
{
    readonly List<(SendOrPostCallback Work, object? State)> ready = [];

    /// <summary>Steps taken so far.</summary>
    public int Steps { get; private set; }

    public override void Post(SendOrPostCallback d, object? state) => ready.Add((d, state));

    /// <summary>Runs until nothing is ready; true when <paramref name="done"/> is.</summary>
    public bool RunUntil(Task done)
    {
        while (!done.IsCompleted && ready.Count > 0)
        {
            var index = random.Next(ready.Count);
            var (work, state) = ready[index];
            ready.RemoveAt(index);
            Steps++;
            work(state);
        }

        return done.IsCompleted;
    }
}
