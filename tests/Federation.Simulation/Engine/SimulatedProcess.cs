namespace Federation.Simulation;

/// <summary>
/// A process on a machine: its work is done in the order it was posted, one piece a turn. Killed, it does nothing more,
/// wherever it was: no finally block runs and no answer comes. Paused, it stands still, and goes on as if nothing had been.
/// </summary>
/// <param name="anyOrder">Whether its pieces of work may overtake each other, as on a thread pool.</param>
sealed class SimulatedProcess(Scheduler scheduler, string name, bool anyOrder) : SynchronizationContext
{
    readonly List<(SendOrPostCallback Work, object? State)> posted = [];
    readonly int thread = Environment.CurrentManagedThreadId;
    bool isQueued;
    bool isPaused;

    public string Name => name;

    public bool IsDead { get; private set; }

    /// <summary>Told when the process is killed: who talks to it notices, some time.</summary>
    public event Action? Died;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsDead) return; // also for finalizers of what it left behind
        if (Environment.CurrentManagedThreadId != thread) throw new InvalidOperationException($"work of {name} came from another thread: no seed would replay that");
        posted.Add((d, state));
        Wake();
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Does something in this process.</summary>
    public void Do(Action act) => Post(static state => ((Action)state!)(), act);

    public void Kill()
    {
        IsDead = true;
        posted.Clear();
        Died?.Invoke();
    }

    public void Pause() => isPaused = true;

    public void Resume()
    {
        isPaused = false;
        Wake();
    }

    /// <summary>One piece of work; false when the process can do no more for now.</summary>
    public bool RunOne()
    {
        isQueued = !isPaused && !IsDead && posted.Count > 0;
        if (!isQueued) return false;

        var index = anyOrder ? scheduler.Random.Next(posted.Count) : 0;
        var (work, state) = posted[index];
        posted.RemoveAt(index);
        SetSynchronizationContext(this);
        work(state);
        isQueued = !isPaused && !IsDead && posted.Count > 0;
        return isQueued;
    }

    void Wake()
    {
        if (isQueued || isPaused || IsDead || posted.Count == 0) return;
        isQueued = true;
        scheduler.Wake(this);
    }
}
