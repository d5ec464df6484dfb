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
[Column("Ready", ".status.conditions[?(@.type==\"Ready\")].reason")]
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

    [Description("Smallest number free among the edge's leases when this one was made; never changes.")]
    [ImmutableField]
    [Bounds(0, int.MaxValue)]
    public int? EdgeIndex { get; init; }

    [Description("Ask the edge to empty the block and give it back.")]
    public bool? Draining { get; init; }

    [Description("Take the block away by force. Cannot be undone: the block rests until the edge gives it back, or confirmedEpoch says that it may be lent again.")]
    public bool? Revoked { get; init; }

    [Description("Of a revoked lease: its epoch, as the word of an admin that nothing uses the block any more. It is free once the edge knows too, or can certainly allocate nothing new.")]
    [Bounds(1, long.MaxValue)]
    public long? ConfirmedEpoch { get; init; }
}

public sealed record IPLeaseStatus
{
    [Description("Offered, Active, Draining, Revoked, Released or Failed.")]
    public LeasePhase? Phase { get; init; }

    [Description("Rises whenever the right to the block changes; what is spoken with an older one is refused.")]
    public long? Epoch { get; init; }

    [Description("When the edge stops new allocations unless it renews; the hub's clock, for people.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("When the last term began.")]
    public DateTimeOffset? LastRenewedAt { get; init; }

    [Description("Of a revoked lease: whether the edge knows.")]
    public bool? Acknowledged { get; init; }

    [Description("Said by the edge to a restored hub, and in the way of another holder: nothing is allocated from the block until that is settled.")]
    public bool? Contested { get; init; }

    [Description("The contested lease that is in the way of this one.")]
    public string? ContestedBy { get; init; }

    [Description("Whether the edge, in its full reports, does not name the lease.")]
    public bool? Absent { get; init; }

    [Description("When a released block may be lent again.")]
    public DateTimeOffset? ReusableAt { get; init; }

    [Description("What the edge last reported about this block.")]
    public LeaseUsage? Usage { get; init; }

    [Description("What was found about the lease.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

public sealed record LeaseUsage
{
    [Description("Addresses in the block.")]
    public string? Total { get; init; }

    [Description("Addresses that are allocated.")]
    public string? Allocated { get; init; }

    [Description("When the hub heard of it.")]
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>This, unless it says of the block what <paramref name="last"/> said: then that, with its moment.</summary>
    public LeaseUsage Newer(LeaseUsage? last) => last is not null && last with { ObservedAt = ObservedAt } == this ? last : this;
}
