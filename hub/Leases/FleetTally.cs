using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>How many edges there are and which are not ready, kept with each change of an edge: a heartbeat is none.</summary>
sealed class FleetTally
{
    readonly SortedSet<string> notReady = new(StringComparer.Ordinal);

    public int Total { get; private set; }

    /// <summary>In order of their names.</summary>
    public IReadOnlyCollection<string> NotReady => notReady;

    /// <summary>Whether either changed since somebody last looked.</summary>
    public bool IsTouched { get; set; }

    public void Apply(Edge? before, Edge? after)
    {
        if (before is not null && after is not null && IsReady(before) == IsReady(after)) return;
        Total += (after is null ? 0 : 1) - (before is null ? 0 : 1);
        if (before is not null) notReady.Remove(before.Name);
        if (after is not null && !IsReady(after)) notReady.Add(after.Name);
        IsTouched = true;
    }

    /// <summary>Heard, not asked to go, and none of its leases fails. One without leases, or whose leases come and go, is ready.</summary>
    static bool IsReady(Edge edge) => edge.Status?.Phase is EdgePhase.Ready
        && edge.Status.Conditions?.Find(ConditionTypes.Ready)?.Reason is not (Reasons.PartiallyReady or Reasons.NotReady);
}
