using Federation.Domain.Leases;
using Federation.Edge;

namespace Federation.Simulation;

/// <summary>A machine's clocks: they run at a rate of their own, the calendar may jump, and a restart of the machine starts the other one anew.</summary>
sealed class MachineClock(Scheduler scheduler, string machine, double rate) : IBootClock
{
    static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    TimeSpan offset;
    TimeSpan bootedAt;
    int boots = 1;

    /// <summary>Local time since the machine started.</summary>
    public TimeSpan SinceBoot => (scheduler.Now - bootedAt) * rate;

    public DateTimeOffset Wall => Epoch + offset + scheduler.Now * rate;

    /// <summary>How long a local span takes in truth.</summary>
    public TimeSpan Truly(TimeSpan local) => local / rate;

    public ClockReading Read() => new($"{machine}-{boots}", SinceBoot, Wall);

    /// <summary>Somebody sets the calendar.</summary>
    public void Jump(TimeSpan by) => offset += by;

    public void Reboot()
    {
        boots++;
        bootedAt = scheduler.Now;
    }

    /// <summary>The time as one process of the machine has it.</summary>
    public TimeProvider For(SimulatedProcess process) => new ProcessTime(scheduler, this, process);

    sealed class ProcessTime(Scheduler scheduler, MachineClock clock, SimulatedProcess process) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => clock.Wall;

        public override long GetTimestamp() => clock.SinceBoot.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new ProcessTimer(scheduler, clock, process, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }
    }

    /// <summary>Goes off in its process, and never once that is dead.</summary>
    sealed class ProcessTimer(Scheduler scheduler, MachineClock clock, SimulatedProcess process, TimerCallback callback, object? state) : ITimer
    {
        Scheduler.Timer? armed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            armed?.CallOff();
            armed = dueTime < TimeSpan.Zero || process.IsDead ? null : scheduler.After(clock.Truly(dueTime), () => GoOff(period));
            return true;
        }

        public void Dispose() => armed?.CallOff();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        void GoOff(TimeSpan period)
        {
            var mine = armed;
            process.Do(() =>
            {
                if (mine == armed || period > TimeSpan.Zero) callback(state);
            });
            if (period > TimeSpan.Zero && !process.IsDead) armed = scheduler.After(clock.Truly(period), () => GoOff(period));
        }
    }
}
