namespace Federation.Domain.Leases;

/// <summary>A moment on a machine's clocks.</summary>
/// <param name="BootId">Names this run of the machine: only within one can <paramref name="SinceBoot"/> be compared.</param>
/// <param name="SinceBoot">Goes forward only, at the machine's own rate, also while the machine sleeps.</param>
/// <param name="Wall">What the calendar says. May jump either way.</param>
public readonly record struct ClockReading(string BootId, TimeSpan SinceBoot, DateTimeOffset Wall);

/// <summary>
/// From when a term counts: the moment its renewal was sent, not the moment it was answered. Kept with the lease, so that
/// an agent started again while the hub is away knows how much is left.
/// </summary>
public sealed record TermAnchor(ClockReading SentAt, TimeSpan Term)
{
    /// <summary>
    /// What is left of the term; never negative. Across a restart of the machine nothing but the calendar tells how long it
    /// was off: when that has gone back meanwhile, nothing is left.
    /// </summary>
    public TimeSpan Left(ClockReading now)
    {
        var elapsed = now.BootId == SentAt.BootId ? now.SinceBoot - SentAt.SinceBoot : now.Wall - SentAt.Wall;
        return elapsed >= TimeSpan.Zero && elapsed < Term ? Term - elapsed : TimeSpan.Zero;
    }

    /// <summary>Whether it is time for the next one: half of the term is over.</summary>
    public bool IsDue(ClockReading now) => Left(now) <= Term / 2;
}
