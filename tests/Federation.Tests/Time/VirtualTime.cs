namespace Federation.Tests;

/// <summary>A clock that stands still until it is told to go on; timers fire on the thread that moves it, in order.</summary>
sealed class VirtualTime : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly Lock gate = new();
    readonly List<VirtualTimer> timers = [];
    readonly List<(TimeSpan Due, TaskCompletionSource Armed)> watchers = [];
    TimeSpan now;
    long number;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate) return Start + now;
    }

    public override long GetTimestamp()
    {
        lock (gate) return now.Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets time pass, and whatever was due meanwhile happen.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan end;
        lock (gate) end = now + by;
        while (NextUntil(end) is { } timer) timer.Fire();
    }

    /// <summary>Done once somebody waits for a moment no further away than this.</summary>
    public Task UntilArmedAsync(TimeSpan atMost)
    {
        lock (gate)
        {
            var due = now + atMost;
            if (timers.Exists(timer => timer.Due <= due)) return Task.CompletedTask;
            var armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            watchers.Add((due, armed));
            return armed.Task;
        }
    }

    /// <summary>Waits until somebody waits for such a moment, and goes there.</summary>
    public async Task PassAsync(TimeSpan by)
    {
        await UntilArmedAsync(by).Within();
        Advance(by);
    }

    VirtualTimer? NextUntil(TimeSpan end)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= end).MinBy(static timer => (timer.Due, timer.Number));
            now = next is null || next.Due < now ? (next is null ? end : now) : next.Due!.Value;
            next?.Rearm();
            return next;
        }
    }

    sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        TimeSpan period = Timeout.InfiniteTimeSpan;

        public TimeSpan? Due { get; private set; }

        public long Number { get; private set; }

        public void Fire() => callback(state);

        /// <summary>After the firing: to the next time, or off.</summary>
        public void Rearm() => Set(period > TimeSpan.Zero ? Due + period : null);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time.gate)
            {
                this.period = period;
                Set(dueTime < TimeSpan.Zero ? null : time.now + dueTime);
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void Set(TimeSpan? due)
        {
            time.timers.Remove(this);
            Due = due;
            Number = ++time.number;
            if (due is null) return;

            time.timers.Add(this);
            foreach (var (_, armed) in time.watchers.Where(watcher => due <= watcher.Due)) armed.TrySetResult();
            time.watchers.RemoveAll(watcher => due <= watcher.Due);
        }
    }
}
