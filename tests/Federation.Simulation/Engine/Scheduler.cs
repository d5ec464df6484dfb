namespace Federation.Simulation;

/// <summary>
/// The one thread of a simulated world, and its time. Whose turn is next is drawn from the seed among all that can go on;
/// when nobody can, time jumps to the next moment at which something is due.
/// </summary>
sealed class Scheduler(Random random)
{
    readonly List<SimulatedProcess> ready = [];
    readonly PriorityQueue<Timer, (TimeSpan Due, long Number)> timers = new();
    long number;

    /// <summary>True time since the world began. No machine knows it.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    public Random Random => random;

    /// <summary>Does something at a moment to come, unless it is called off.</summary>
    public Timer At(TimeSpan due, Action act)
    {
        var timer = new Timer(act);
        timers.Enqueue(timer, (due < Now ? Now : due, number++));
        return timer;
    }

    public Timer After(TimeSpan delay, Action act) => At(Now + delay, act);

    /// <summary>A process has something to do.</summary>
    public void Wake(SimulatedProcess process) => ready.Add(process);

    /// <summary>Runs the world up to a moment of true time, or until <paramref name="isOver"/>.</summary>
    public void RunUntil(TimeSpan end, Func<bool> isOver)
    {
        var outside = SynchronizationContext.Current;
        try
        {
            while (!isOver() && Step(end))
            {
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outside);
        }
    }

    bool Step(TimeSpan end)
    {
        if (ready.Count == 0) return JumpTo(end);
        var index = random.Next(ready.Count);
        var process = ready[index];
        Steps++;
        if (!process.RunOne()) ready.RemoveAt(index);
        return true;
    }

    bool JumpTo(TimeSpan end)
    {
        while (timers.TryDequeue(out var timer, out var key))
        {
            if (key.Due > end)
            {
                timers.Enqueue(timer, key);
                break;
            }

            if (timer.IsOff) continue;
            Now = key.Due;
            SynchronizationContext.SetSynchronizationContext(null);
            timer.Act();
            return true;
        }

        if (timers.Count > 0) Now = end;
        return false;
    }

    /// <summary>Something that is due at a moment.</summary>
    public sealed class Timer(Action act)
    {
        public bool IsOff { get; private set; }

        public Action Act => act;

        public void CallOff() => IsOff = true;
    }
}
