using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;

namespace Federation.Resources;

[Description("A block of a root pool lent to an edge. Written by the hub.")]
[Kind("ipleases", KindScope.Cluster, ShortName = "ipl")]
[Column("Edge", ".spec.edgeName")]
[Column("Pool", ".spec.poolRef.name")]
[Column("CIDR", ".spec.cidr")]
[Column("Phase", ".status.phase")]
[Column("Used", ".status.usage.allocated")]
[Column("Expires", ".status.expiresAt", Priority = 1)]
[Column("Epoch", ".status.epoch", Type = "integer", Priority = 1)]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
[SelectableField("spec.edgeName")]
[SelectableField("spec.poolRef.name")]
[SelectableField("status.phase")]
public sealed record IPLease : Resource<IPLeaseSpec, IPLeaseStatus>;

public sealed record IPLeaseSpec
{
    [Description("The edge that holds the block.")]
    [ImmutableField]
    [Required, MinLength(1), MaxLength(63)]
    public string? EdgeName { get; init; }

    [Description("The root pool the block is of.")]
    [ImmutableField]
    [Required]
    public PoolReference? PoolRef { get; init; }

    [Description("The block.")]
    [ImmutableField]
    [Required]
    public Cidr? Cidr { get; init; }

    [Description("The edge's request; repeated, it is answered with this lease.")]
    [ImmutableField]
    [Required, MinLength(1), MaxLength(64)]
    public string? RequestID { get; init; }

    [Description("The claim at the edge this lease serves; asked for again, it gets the same block while that is free.")]
    [ImmutableField]
    [MaxLength(400)]
    public string? StickyKey { get; init; }

    [Description("Smallest number free among the pool's leases when this one was made; never changes.")]
    [ImmutableField]
    [Required]
    [Bounds(0, int.MaxValue)]
    public int? Index { get; init; }
}

public sealed record IPLeaseStatus
{
    [Description("Offered, Active, Draining, Revoked, Released or Failed.")]
    public LeasePhase? Phase { get; init; }

    public long? Epoch { get; init; }

    [Description("When the edge stops new allocations unless it renews; the hub's clock, for people.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastRenewedAt { get; init; }

    [Description("When a released block may be lent again.")]
    public DateTimeOffset? ReusableAt { get; init; }

    [Description("What the edge last reported about this block.")]
    public LeaseUsage? Usage { get; init; }

    public IReadOnlyList<Condition>? Conditions { get; init; }
}

public sealed record LeaseUsage
{
    public string? Total { get; init; }

    public string? Allocated { get; init; }

    public DateTimeOffset? ObservedAt { get; init; }
}
