using Federation.Domain.Addressing;

namespace Federation.Domain.Leases;

/// <summary>Where a lease stands at the hub. Stored by name: they keep their meaning.</summary>
public enum LeasePhase
{
    Unspecified = 0,

    /// <summary>Taken at the hub, not confirmed: no allocation can exist. Taken back by age.</summary>
    Offered,

    /// <summary>Confirmed: the edge may allocate from it. Never taken back by age.</summary>
    Active,

    /// <summary>The edge is asked to empty it.</summary>
    Draining,

    /// <summary>Taken away by an admin; its block rests until nobody can use it any more.</summary>
    Revoked,

    /// <summary>Given back by the edge; its block rests for the reuse delay.</summary>
    Released,

    /// <summary>Refused or discarded before it was ever used.</summary>
    Failed,
}

/// <summary>A block of a root pool lent to an edge.</summary>
public sealed record Lease
{
    /// <summary>Derived from edge and request id, so that a repeated request finds the same lease.</summary>
    public required string Id { get; init; }

    public required string Edge { get; init; }

    public required string Pool { get; init; }

    public required Cidr Block { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The claim at the edge it serves: asked for again, it gets the same block while that is free.</summary>
    public string? StickyKey { get; init; }

    /// <summary>Smallest number free among the pool's leases when this one was made.</summary>
    public required int Index { get; init; }

    /// <summary>Smallest number free among the edge's leases when this one was made. Null of one made before leases had it.</summary>
    public int? EdgeIndex { get; init; }

    public required LeasePhase Phase { get; init; }

    /// <summary>Never given twice, in the hub's whole life; what is spoken with an older one is refused.</summary>
    public required long Epoch { get; init; }

    public required DateTimeOffset GrantedAt { get; init; }

    public required DateTimeOffset LastRenewedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the block of a released lease may be lent again.</summary>
    public DateTimeOffset? ReusableAt { get; init; }

    /// <summary>Whether the edge has said, of a revoked lease, that it knows: it allocates nothing new from the block.</summary>
    public bool IsAcknowledged { get; init; }

    /// <summary>
    /// Said by its edge to a restored hub, and in the way of another holder: it holds nothing by itself, but no part of its
    /// block is free either.
    /// </summary>
    public bool IsContested { get; init; }

    /// <summary>Whether its edge, in full reports, does not name it.</summary>
    public bool IsAbsent { get; init; }

    /// <summary>The contested lease that is in the way of this one; null when none is.</summary>
    public string? ContestedBy { get; init; }

    /// <summary>Whether the edge may be using the block.</summary>
    public bool IsInUse => Phase is LeasePhase.Active or LeasePhase.Draining;
}
