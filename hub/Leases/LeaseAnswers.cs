using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Lease = Federation.Domain.Leases.Lease;

namespace Federation.Hub;

/// <summary>Decisions as the wire says them.</summary>
static class LeaseAnswers
{
    public static Proto.V1.Lease ToWire(this Lease lease, LeaseTerms terms) => new()
    {
        Id = lease.Id,
        Edge = lease.Edge,
        Pool = lease.Pool,
        Cidr = lease.Block.ToString(),
        Epoch = lease.Epoch,
        State = (LeaseState)(int)lease.Phase,
        RequestId = lease.RequestId,
        Index = lease.Index,
        Term = Duration.FromTimeSpan(terms.Term),
        GrantedAt = Timestamp.FromDateTimeOffset(lease.GrantedAt),
        RenewedAt = Timestamp.FromDateTimeOffset(lease.LastRenewedAt),
        ExpiresAt = Timestamp.FromDateTimeOffset(lease.ExpiresAt),
        StickyKey = lease.StickyKey ?? "",
    };

    /// <summary>The lease a decision ends with.</summary>
    /// <exception cref="RpcException">The decision is a refusal.</exception>
    public static Lease LeaseOf(LeaseDecision decision) => decision switch
    {
        LeaseDecision.Changed(_, var after) => after,
        LeaseDecision.Unchanged(var lease) => lease,
        LeaseDecision.Refused(var refusal, var message) => throw RpcFailure.Create(CodeOf(refusal), ReasonOf(refusal), message, new Dictionary<string, string> { ["detail"] = message }),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static ErrorReason ReasonOf(LeaseRefusal refusal) => refusal switch
    {
        LeaseRefusal.PoolNotFound => ErrorReason.PoolNotFound,
        LeaseRefusal.LeaseNotFound => ErrorReason.LeaseNotFound,
        LeaseRefusal.PoolExhausted => ErrorReason.PoolExhausted,
        LeaseRefusal.QuotaExceeded => ErrorReason.QuotaExceeded,
        LeaseRefusal.PrefixLengthOutOfBounds => ErrorReason.PrefixLengthOutOfBounds,
        LeaseRefusal.AddressFamilyMismatch => ErrorReason.AddressFamilyMismatch,
        LeaseRefusal.AddressUnavailable => ErrorReason.AddressUnavailable,
        LeaseRefusal.LeaseNotActive => ErrorReason.LeaseNotActive,
        LeaseRefusal.StaleEpoch => ErrorReason.StaleEpoch,
        LeaseRefusal.EdgeCordoned => ErrorReason.EdgeCordoned,
        LeaseRefusal.LeasingDisabled => ErrorReason.LeasingDisabled,
        LeaseRefusal.LeaseConflict => ErrorReason.LeaseConflict,
        LeaseRefusal.HubRecovering => ErrorReason.HubRecovering,
        LeaseRefusal.BlockContested => ErrorReason.BlockContested,
        LeaseRefusal.Implausible => ErrorReason.InvalidRequest,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    static StatusCode CodeOf(LeaseRefusal refusal) => refusal switch
    {
        LeaseRefusal.PoolNotFound or LeaseRefusal.LeaseNotFound => StatusCode.NotFound,
        LeaseRefusal.PoolExhausted or LeaseRefusal.QuotaExceeded => StatusCode.ResourceExhausted,
        LeaseRefusal.PrefixLengthOutOfBounds => StatusCode.OutOfRange,
        LeaseRefusal.LeaseConflict => StatusCode.AlreadyExists,
        _ => StatusCode.FailedPrecondition,
    };

    public static Pool ToWire(this IPPool pool)
    {
        var block = pool.Spec.Cidr!.Value;
        var wire = new Pool
        {
            Name = pool.Name,
            Uid = pool.Uid,
            Cidr = block.ToString(),
            IpFamily = (IpFamily)(int)block.Family,
            Allocation = ToWire(pool.Spec.Allocation ?? new()),
            Leasing = ToWire(pool.Spec.Leasing ?? new()),
            Capacity = ToWire(pool.Status?.Capacity ?? new()),
            Phase = (Proto.V1.PoolPhase)(int)(pool.Status?.Phase ?? Resources.PoolPhase.Pending),
            Generation = pool.Metadata.Generation ?? 0,
            UtilizationPercent = pool.Status?.UtilizationPercent ?? 0,
        };
        if (pool.Status?.LargestFreePrefixLength is { } largest) wire.LargestFreePrefixLength = largest;
        foreach (var (key, value) in pool.Metadata.Labels?.AsEnumerable() ?? []) wire.Labels.Add(key, value);
        wire.Reservations.AddRange((pool.Spec.Reservations ?? []).Select(static reserved => reserved.ToString()));
        return wire;
    }

    static AllocationSettings ToWire(AllocationRules rules)
    {
        var wire = new AllocationSettings { Strategy = (AllocationStrategy)(int)(rules.Strategy ?? PlacementStrategy.FirstFit) };
        if (rules.MinPrefixLength is { } min) wire.MinPrefixLength = min;
        if (rules.MaxPrefixLength is { } max) wire.MaxPrefixLength = max;
        if (rules.DefaultPrefixLength is { } preset) wire.DefaultPrefixLength = preset;
        if (rules.ReuseDelaySeconds is { } seconds) wire.ReuseDelay = Duration.FromTimeSpan(TimeSpan.FromSeconds(seconds));
        return wire;
    }

    static LeasingSettings ToWire(LeasingRules rules)
    {
        var wire = new LeasingSettings { Enabled = rules.Enabled ?? true };
        if (rules.MinPrefixLength is { } min) wire.MinPrefixLength = min;
        if (rules.MaxPrefixLength is { } max) wire.MaxPrefixLength = max;
        if (rules.DefaultPrefixLength is { } preset) wire.DefaultPrefixLength = preset;
        if (rules.MaxLeasesPerEdge is { } most) wire.MaxLeasesPerEdge = most;
        return wire;
    }

    static Proto.V1.PoolCapacity ToWire(Resources.PoolCapacity capacity) => new()
    {
        Total = capacity.Total ?? "0",
        Allocated = capacity.Allocated ?? "0",
        Leased = capacity.Leased ?? "0",
        Available = capacity.Available ?? "0",
    };
}
