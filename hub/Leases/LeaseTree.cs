using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Which leases are whose children: of their root pool, and of their edge. Follows each change of a lease, so that a
/// parent is reported anew only when one of its own children changed, and at a cost that does not grow with the others.
/// A lease that was given back, or was never used, is no child: its object stays only while its block rests.
/// </summary>
sealed class LeaseTree
{
    /// <summary>What is only used more or less is told of at most so often.</summary>
    public static readonly TimeSpan UsageBeat = TimeSpan.FromSeconds(5);

    public Parents Pools { get; } = new();

    public Parents Edges { get; } = new();

    public void Apply(IPLease? before, IPLease? after)
    {
        Pools.Apply(before?.Spec.PoolRef!.Name!, Child(before, before?.Spec.Index), after?.Spec.PoolRef!.Name!, Child(after, after?.Spec.Index));
        Edges.Apply(before?.Spec.EdgeName, Child(before, before?.Spec.EdgeIndex), after?.Spec.EdgeName, Child(after, after?.Spec.EdgeIndex));
    }

    /// <summary>A lease as its parents speak of it: by what it says of itself.</summary>
    static Child? Child(IPLease? lease, int? index)
    {
        if (index is null || lease?.Status is not { Phase: not (LeasePhase.Released or LeasePhase.Failed) } status) return null;
        if (status.Conditions?.Find(ConditionTypes.Ready) is not { } own) return null;

        var stage = (own.Status, status.Phase) switch
        {
            (ConditionStatus.True, _) => ChildStage.Ready,
            (ConditionStatus.False, LeasePhase.Offered) => ChildStage.Coming,
            (ConditionStatus.False, LeasePhase.Draining) => ChildStage.Going,
            _ => ChildStage.Failing,
        };
        var total = status.Usage?.Total ?? lease.Spec.Cidr!.Value.Count.ToString();
        return new(index.Value, lease.Name, stage, own.Status, own.Reason, LeaseObjects.Says(lease.ToLease(), own.Reason is Reasons.EdgeHeartbeatMissed), $"{status.Usage?.Allocated ?? "0"}/{total} addresses");
    }

    /// <summary>The children of pools, or of edges, and which of these have something new to say.</summary>
    internal sealed class Parents
    {
        readonly Dictionary<string, ChildSet> children = new(StringComparer.Ordinal);

        /// <summary>Those of which a child came, went or stands otherwise.</summary>
        public SortedSet<string> Touched { get; } = new(StringComparer.Ordinal);

        /// <summary>Those of which a child is only used more or less.</summary>
        public SortedSet<string> Stale { get; } = new(StringComparer.Ordinal);

        public ChildSet Of(string parent) => children.GetValueOrDefault(parent) ?? new();

        /// <summary>Whether there is something new to say of a parent; whoever asks says it.</summary>
        public bool Take(string parent) => Touched.Remove(parent) | Stale.Remove(parent);

        /// <summary>What waited for the beat is told of now.</summary>
        public void TouchStale()
        {
            Touched.UnionWith(Stale);
            Stale.Clear();
        }

        public void Apply(string? parentBefore, Child? before, string? parentAfter, Child? after)
        {
            if (before == after) return;
            if (before is not null) Change(parentBefore!, before, null);
            if (after is not null) Change(parentAfter!, null, after);
            var isUsageOnly = before is not null && after is not null && before with { Details = after.Details } == after;
            if (before is not null) (isUsageOnly ? Stale : Touched).Add(parentBefore!);
            if (after is not null) (isUsageOnly ? Stale : Touched).Add(parentAfter!);
        }

        void Change(string parent, Child? before, Child? after)
        {
            if (!children.TryGetValue(parent, out var set)) children.Add(parent, set = new());
            set.Apply(before, after);
            if (set.IsEmpty) children.Remove(parent);
        }
    }
}
