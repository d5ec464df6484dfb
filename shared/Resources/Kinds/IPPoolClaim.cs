using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
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

[Rule("has(self.parentPoolRef) != has(self.parentPoolSelector)", "exactly one of parentPoolRef and parentPoolSelector must be given")]
[Rule(BlockWish.SizeRule, BlockWish.SizeMessage)]
[Rule(BlockWish.FamilyRule, BlockWish.FamilyMessage)]
[Rule(BlockWish.LengthRule, BlockWish.LengthMessage)]
[Rule(BlockWish.WholeRule, BlockWish.WholeMessage)]
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

    [Description("Where the claim stands, for people.")]
    public string? Message { get; init; }

    [Description("The lease behind the child pool, at an edge.")]
    public LeaseGrant? Lease { get; init; }

    [Description("Further leases the child pool has grown by, in place: each is the buddy of all before it.")]
    [MaxLength(32)]
    public IReadOnlyList<LeaseGrant>? Growth { get; init; }

    [Description("What the agent is doing about this claim.")]
    public Plan? Plan { get; init; }

    [Description("The generation of the spec the status is about.")]
    public long? ObservedGeneration { get; init; }

    [Description("What was found about the claim.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

public sealed record LeaseGrant
{
    [Description("The lease's name at the hub.")]
    public string? Id { get; init; }

    [Description("Rises with every change of who may use the block; an older one is refused everywhere.")]
    public long? Epoch { get; init; }

    [Description("The block.")]
    public Cidr? Cidr { get; init; }

    [Description("When new allocations from the block stop unless the lease is renewed.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("The request the hub granted it for.")]
    public string? RequestID { get; init; }

    [Description("Whether the hub acknowledged the confirmation; nothing is allocated before.")]
    public bool? Confirmed { get; init; }

    [Description("From when the term counts at this site.")]
    public LeaseTerm? Term { get; init; }

    [Description("Why nothing new is allocated from the block, until the hub says otherwise: LeaseRevoked, LeaseConflict, LeaseNotFound, LeaseNotActive or StaleEpoch.")]
    public string? Frozen { get; init; }

    [Description("Whether the hub asks for the block back.")]
    public bool? Draining { get; init; }
}

/// <summary>A term, as the site counts it: see <see cref="TermAnchor"/>.</summary>
public sealed record LeaseTerm
{
    [Description("Names the run of the machine that secondsSinceBoot belongs to.")]
    public string? BootID { get; init; }

    [Description("When the renewal was sent, in seconds since the machine started.")]
    public double? SecondsSinceBoot { get; init; }

    [Description("When the renewal was sent, by the calendar.")]
    public DateTimeOffset? SentAt { get; init; }

    [Description("How long the term is.")]
    public double? Seconds { get; init; }

    public static LeaseTerm Of(TermAnchor anchor) => new()
    {
        BootID = anchor.SentAt.BootId,
        SecondsSinceBoot = Math.Floor(anchor.SentAt.SinceBoot.TotalSeconds),
        SentAt = anchor.SentAt.Wall.AddTicks(-(anchor.SentAt.Wall.Ticks % TimeSpan.TicksPerSecond)),
        Seconds = anchor.Term.TotalSeconds,
    };

    /// <summary>Rounded down to the second: what is left is never more than it is.</summary>
    public TermAnchor ToAnchor() => new(
        new(BootID ?? "", TimeSpan.FromSeconds(SecondsSinceBoot ?? 0), SentAt ?? default), TimeSpan.FromSeconds(Seconds ?? 0));
}
