using Federation.Domain.Addressing;
using Federation.Domain.Claims;

namespace Federation.Domain.Leases;

/// <summary>Why the hub does not do what an edge asks.</summary>
public enum LeaseRefusal
{
    Unspecified = 0,
    PoolNotFound,
    LeaseNotFound,
    PoolExhausted,
    QuotaExceeded,
    PrefixLengthOutOfBounds,
    AddressFamilyMismatch,
    AddressUnavailable,
    LeaseNotActive,
    StaleEpoch,
    EdgeCordoned,
    LeasingDisabled,
    LeaseConflict,

    /// <summary>The hub was restored, and what of the pool was lent since is not known yet.</summary>
    HubRecovering,

    /// <summary>Two holders of one block are known.</summary>
    BlockContested,

    /// <summary>What the edge says it holds cannot be.</summary>
    Implausible,
}

/// <summary>What becomes of an edge's question. Nothing has changed yet: whoever acts on it writes <c>After</c>. Closed.</summary>
public abstract record LeaseDecision
{
    LeaseDecision() { }

    /// <summary>The lease is to be written as <paramref name="After"/>; <paramref name="Before"/> is null for a new one.</summary>
    public sealed record Changed(Lease? Before, Lease After) : LeaseDecision;

    /// <summary>The question was asked before, and is answered as it was.</summary>
    public sealed record Unchanged(Lease Lease) : LeaseDecision;

    public sealed record Refused(LeaseRefusal Refusal, string Message) : LeaseDecision;
}

/// <summary>What an edge asks a block with.</summary>
public sealed record LeaseWish
{
    public required string Edge { get; init; }

    /// <summary>The same id is the same lease, however often it is asked.</summary>
    public required string RequestId { get; init; }

    public required string Pool { get; init; }

    /// <summary>Null: the pool's default.</summary>
    public int? PrefixLength { get; init; }

    public IPFamily? Family { get; init; }

    /// <summary>A particular block.</summary>
    public Cidr? Block { get; init; }

    public string? StickyKey { get; init; }
}

/// <summary>A root pool as far as leasing goes.</summary>
public sealed record LeasablePool(string Name, PoolSpace Space, PoolRules Sizes, bool Enabled, int? MaxLeasesPerEdge)
{
    /// <summary>Whether the hub was restored, and does not know yet what of the pool was lent since.</summary>
    public bool IsRecovering { get; init; }

    /// <summary>Address space the edge uses by other means: nothing of it is lent to the edge.</summary>
    public IReadOnlyList<Cidr> Avoided { get; init; } = [];
}

/// <summary>A confirmed lease as its edge says it holds it.</summary>
public sealed record HeldLease
{
    public required string Id { get; init; }

    public required string Edge { get; init; }

    public required long Epoch { get; init; }

    public required string Pool { get; init; }

    public required Cidr Block { get; init; }

    public required string RequestId { get; init; }

    public string? StickyKey { get; init; }
}

/// <summary>What an admin has said of an edge.</summary>
public sealed record EdgeStanding(bool Cordoned, bool Draining, int? MaxLeases);

/// <summary>How long things last.</summary>
public sealed record LeaseTerms
{
    /// <summary>How long an edge allocates from a lease without renewing it.</summary>
    public TimeSpan Term { get; init; } = TimeSpan.FromHours(168);

    /// <summary>How long a released block rests, where its pool does not say.</summary>
    public TimeSpan ReuseDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an offer waits for its confirmation.</summary>
    public TimeSpan OfferGrace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an edge is not heard before its leases count as stuck: reported, never taken.</summary>
    public TimeSpan SilenceGrace { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long after its last renewal, by the hub's clock, a lease is certainly over at the edge. The edge counts one
    /// term from when it sent the renewal. Both clocks may run wrong by a tenth: 1.1 / 0.9 is less than 1.25.
    /// </summary>
    public TimeSpan Fence => (Term * 1.25) + TimeSpan.FromMinutes(1);
}
