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
        EdgeIndex = stored.Spec.EdgeIndex,
        Phase = stored.Status!.Phase!.Value,
        Epoch = stored.Status.Epoch!.Value,
        GrantedAt = stored.Metadata.CreationTimestamp!.Value,
        LastRenewedAt = stored.Status.LastRenewedAt!.Value,
        ExpiresAt = stored.Status.ExpiresAt!.Value,
        ReusableAt = stored.Status.ReusableAt,
        IsAcknowledged = stored.Status.Acknowledged ?? false,
        IsContested = stored.Status.Contested ?? false,
        ContestedBy = stored.Status.ContestedBy,
        IsAbsent = stored.Status.Absent ?? false,
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
            Spec = stored.Spec with { EdgeIndex = lease.EdgeIndex },
            Status = (stored.Status ?? new()) with
            {
                Phase = lease.Phase,
                Epoch = lease.Epoch,
                Acknowledged = lease.Phase is LeasePhase.Revoked ? lease.IsAcknowledged : null,
                Contested = lease.IsContested ? true : null,
                ContestedBy = lease.ContestedBy,
                Absent = lease.IsAbsent ? true : null,
                ExpiresAt = Seconds(lease.ExpiresAt),
                LastRenewedAt = Seconds(lease.LastRenewedAt),
                ReusableAt = lease.ReusableAt,
                Conditions = (stored.Status?.Conditions ?? []).With([Ready(lease, IsSilent(transaction, lease.Edge))], stored.Metadata.Generation ?? 1, transaction.Now),
            },
        };
    }

    static IPLease New(Transaction transaction, Lease lease) => new()
    {
        Metadata = HubObjects.Meta(transaction, lease.Id) with { Annotations = ChildIndex.Annotations(lease.Index) },
        Spec = new()
        {
            EdgeName = lease.Edge,
            PoolRef = new() { Name = lease.Pool },
            Cidr = lease.Block,
            RequestID = lease.RequestId,
            StickyKey = lease.StickyKey,
            Index = lease.Index,
            EdgeIndex = lease.EdgeIndex,
        },
    };

    static bool IsSilent(Transaction transaction, string edge) => transaction.Find<Edge>(null, edge)?.Status?.Phase is EdgePhase.Silent;

    static Finding Ready(Lease lease, bool isSilent)
    {
        var (status, reason) = lease.Phase switch
        {
            LeasePhase.Active or LeasePhase.Draining or LeasePhase.Offered when IsInConflict(lease) => (ConditionStatus.False, Reasons.LeaseConflict),
            LeasePhase.Active or LeasePhase.Draining when isSilent => (ConditionStatus.Unknown, Reasons.EdgeHeartbeatMissed),
            LeasePhase.Active or LeasePhase.Draining when lease.IsAbsent => (ConditionStatus.Unknown, Reasons.LeaseAbsent),
            LeasePhase.Active => (ConditionStatus.True, Reasons.Ready),
            LeasePhase.Offered => (ConditionStatus.False, Reasons.Pending),
            LeasePhase.Draining => (ConditionStatus.False, Reasons.Draining),
            LeasePhase.Revoked => (ConditionStatus.False, Reasons.LeaseRevoked),
            _ => (ConditionStatus.False, Reasons.LeaseNotActive),
        };
        return new(ConditionTypes.Ready, status, reason, $"Lease {lease.Id} {Says(lease, isSilent)}");
    }

    static bool IsInConflict(Lease lease) => lease.IsContested || lease.ContestedBy is not null;

    /// <summary>Where a lease stands, as it continues its name.</summary>
    public static string Says(Lease lease, bool isSilent) => lease.Phase switch
    {
        LeasePhase.Active or LeasePhase.Draining or LeasePhase.Offered when IsInConflict(lease) =>
            $"shares {lease.Block} with {(lease.ContestedBy is { } other ? $"lease {other}" : "another holder")}; nothing new is allocated from it until one of them is given back or revoked",
        LeasePhase.Active or LeasePhase.Draining when isSilent => $"belongs to edge {lease.Edge}, which is silent; it may still serve from {lease.Block}",
        LeasePhase.Active or LeasePhase.Draining when lease.IsAbsent => $"is not named by edge {lease.Edge} in its reports",
        LeasePhase.Active => "is ready",
        LeasePhase.Offered => "waits for its confirmation",
        LeasePhase.Draining => "is being emptied",
        LeasePhase.Revoked when lease.IsAcknowledged => $"is revoked, and edge {lease.Edge} knows; its block rests until the edge gives it back or an admin confirms",
        LeasePhase.Revoked => $"is revoked; edge {lease.Edge} has not said that it knows",
        _ => $"is {lease.Phase}",
    };

    static DateTimeOffset Seconds(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));
}
