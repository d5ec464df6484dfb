using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Leases as objects, and back: the object is the truth, the value is what the rules work on.</summary>
static class LeaseObjects
{
    public static Lease ToLease(this IPLease stored) => new()
    {
        Id = stored.Name,
        Edge = stored.Spec.EdgeName!,
        Pool = stored.Spec.PoolRef!.Name!,
        Block = stored.Spec.Cidr!.Value,
        RequestId = stored.Spec.RequestID!,
        StickyKey = stored.Spec.StickyKey,
        Index = stored.Spec.Index!.Value,
        Phase = stored.Status!.Phase!.Value,
        Epoch = stored.Status.Epoch!.Value,
        GrantedAt = stored.Metadata.CreationTimestamp!.Value,
        LastRenewedAt = stored.Status.LastRenewedAt!.Value,
        ExpiresAt = stored.Status.ExpiresAt!.Value,
        ReusableAt = stored.Status.ReusableAt,
    };

    /// <summary>Writes a lease's new version. The only place a lease changes state.</summary>
    public static IPLease PutLease(this Transaction transaction, Lease lease, string why)
    {
        var current = transaction.Find<IPLease>(null, lease.Id);
        var was = current?.Status?.Phase;
        if (was != lease.Phase) transaction.Audit($"lease {lease.Phase}", lease.Id, $"{lease.Block} of {lease.Pool} for {lease.Edge}: {why}");
        var stored = current ?? New(transaction, lease);
        return transaction.PutIfChanged(stored with
        {
            Status = (stored.Status ?? new()) with
            {
                Phase = lease.Phase,
                Epoch = lease.Epoch,
                ExpiresAt = Seconds(lease.ExpiresAt),
                LastRenewedAt = Seconds(lease.LastRenewedAt),
                ReusableAt = lease.ReusableAt,
                Conditions = (stored.Status?.Conditions ?? []).With([Ready(lease)], stored.Metadata.Generation ?? 1, transaction.Now),
            },
        });
    }

    static IPLease New(Transaction transaction, Lease lease) => new()
    {
        Metadata = HubObjects.Meta(transaction, lease.Id),
        Spec = new()
        {
            EdgeName = lease.Edge,
            PoolRef = new() { Name = lease.Pool },
            Cidr = lease.Block,
            RequestID = lease.RequestId,
            StickyKey = lease.StickyKey,
            Index = lease.Index,
        },
    };

    static Finding Ready(Lease lease) => lease.Phase switch
    {
        LeasePhase.Active => new(ConditionTypes.Ready, ConditionStatus.True, Reasons.Ready, $"Lease {lease.Id} is ready"),
        LeasePhase.Offered => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.Pending, $"Lease {lease.Id} waits for its confirmation"),
        LeasePhase.Draining => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.Draining, $"Lease {lease.Id} is being emptied"),
        _ => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.LeaseNotActive, $"Lease {lease.Id} is {lease.Phase}"),
    };

    static DateTimeOffset Seconds(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));
}
