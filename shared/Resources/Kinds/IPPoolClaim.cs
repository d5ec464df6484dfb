using System.ComponentModel;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Plans;

namespace Federation.Resources;

[Description("A wish for a child pool: a block of a root pool to allocate from. At an edge it is answered with a lease.")]
[Kind("ippoolclaims", KindScope.Namespaced, ShortName = "ippc")]
[Column("Phase", ".status.phase")]
[Column("Parent", ".spec.parentPoolRef.name")]
[Column("BoundPool", ".status.boundPoolName")]
[Column("CIDR", ".status.lease.cidr")]
[Column("Reason", ".status.conditions[?(@.type==\"Allocated\")].reason", Priority = 1)]
[Column("Message", ".status.message", Priority = 1)]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
[SelectableField("spec.parentPoolRef.name")]
[SelectableField("status.phase")]
public sealed record IPPoolClaim : Resource<IPPoolClaimSpec, IPPoolClaimStatus>;

public sealed record IPPoolClaimSpec : IValidated
{
    [Description("The root pool to take a block of. Exactly one of parentPoolRef and parentPoolSelector.")]
    [ImmutableField]
    public PoolReference? ParentPoolRef { get; init; }

    [Description("Which root pools will do, by label. Exactly one of parentPoolRef and parentPoolSelector.")]
    [ImmutableField]
    public LabelSelector? ParentPoolSelector { get; init; }

    [Description("Size of the child pool. Default: what the parent leases by default.")]
    [ImmutableField]
    [Bounds(1, 128)]
    public int? PrefixLength { get; init; }

    [Description("IPv4 or IPv6; the parent must be of this family.")]
    [ImmutableField]
    public IPFamily? IpFamily { get; init; }

    [Description("A particular block of the parent, in canonical form.")]
    [ImmutableField]
    public Cidr? Cidr { get; init; }

    public IEnumerable<FieldError> Validate() =>
        BlockWish.Errors("parentPool", ParentPoolRef is not null, ParentPoolSelector is not null, PrefixLength, IpFamily, Cidr);
}

public sealed record IPPoolClaimStatus
{
    [Description("Pending, Bound, Releasing or Error.")]
    public ClaimPhase? Phase { get; init; }

    [Description("The child pool made for this claim.")]
    public string? BoundPoolName { get; init; }

    public string? Message { get; init; }

    [Description("The lease behind the child pool, at an edge.")]
    public LeaseGrant? Lease { get; init; }

    [Description("What the agent is doing about this claim.")]
    public Plan? Plan { get; init; }

    public long? ObservedGeneration { get; init; }

    public IReadOnlyList<Condition>? Conditions { get; init; }
}

public sealed record LeaseGrant
{
    public string? Id { get; init; }

    [Description("Rises with every change of who may use the block; an older one is refused everywhere.")]
    public long? Epoch { get; init; }

    public Cidr? Cidr { get; init; }

    [Description("When new allocations from the block stop unless the lease is renewed.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("Whether the hub acknowledged the confirmation; nothing is allocated before.")]
    public bool? Confirmed { get; init; }
}
