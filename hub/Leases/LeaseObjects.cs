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
        IsAcknowledged = stored.Status.Acknowledged ?? false,
    };

    /// <summary>Writes a lease's new version.</summary>
    public static IPLease PutLease(this Transaction transaction, Lease lease, string why) =>
        transaction.PutIfChanged((transaction.Find<IPLease>(null, lease.Id) ?? New(transaction, lease)).Reported(transaction, lease, why));

    /// <summary>The object with what the lease has become, and a record of who changed it and why. The only place a lease changes state.</summary>
    public static IPLease Reported(this IPLease stored, Transaction transaction, Lease lease, string why)
    {
        if (stored.Status?.Phase != lease.Phase) transaction.Audit($"lease {lease.Phase}", lease.Id, $"{lease.Block} of {lease.Pool} for {lease.Edge}: {why}");
        return stored with
        {
            Status = (stored.Status ?? new()) with
            {
                Phase = lease.Phase,
                Epoch = lease.Epoch,
                Acknowledged = lease.Phase is LeasePhase.Revoked ? lease.IsAcknowledged : null,
                ExpiresAt = Seconds(lease.ExpiresAt),
                LastRenewedAt = Seconds(lease.LastRenewedAt),
                ReusableAt = lease.ReusableAt,
                Conditions = (stored.Status?.Conditions ?? []).With([Ready(lease, IsSilent(transaction, lease.Edge))], stored.Metadata.Generation ?? 1, transaction.Now),
            },
        };
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

    static bool IsSilent(Transaction transaction, string edge) => transaction.Find<Edge>(null, edge)?.Status?.Phase is EdgePhase.Silent;

    static Finding Ready(Lease lease, bool isSilent) => lease.Phase switch
    {
        LeasePhase.Active or LeasePhase.Draining when isSilent => new(ConditionTypes.Ready, ConditionStatus.Unknown, Reasons.EdgeHeartbeatMissed, $"Edge {lease.Edge} is silent; it may still serve from {lease.Block}"),
        LeasePhase.Active => new(ConditionTypes.Ready, ConditionStatus.True, Reasons.Ready, $"Lease {lease.Id} is ready"),
        LeasePhase.Offered => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.Pending, $"Lease {lease.Id} waits for its confirmation"),
        LeasePhase.Draining => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.Draining, $"Lease {lease.Id} is being emptied"),
        LeasePhase.Revoked => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.LeaseRevoked, lease.IsAcknowledged
            ? $"Lease {lease.Id} is revoked, and edge {lease.Edge} knows; its block rests until the edge gives it back or an admin confirms"
            : $"Lease {lease.Id} is revoked; edge {lease.Edge} has not said that it knows"),
        _ => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.LeaseNotActive, $"Lease {lease.Id} is {lease.Phase}"),
    };

    static DateTimeOffset Seconds(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));
}
