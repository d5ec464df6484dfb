namespace Federation.Domain.Addressing;

/// <summary>Why a block is taken.</summary>
public enum HoldKind
{
    Unspecified = 0,

    /// <summary>Bound to a claim.</summary>
    Allocation,

    /// <summary>The address space of a child pool.</summary>
    ChildPool,

    /// <summary>Lent to an edge.</summary>
    Lease,

    /// <summary>Never handed out, by the pool's own spec.</summary>
    Reservation,

    /// <summary>Given back, and not to be reused for a time.</summary>
    Cooling,

    /// <summary>Revoked, and perhaps still in use at an edge.</summary>
    Quarantine,
}

/// <summary>Who holds a block. <paramref name="Owner"/> identifies the holder and is what messages name.</summary>
public readonly record struct Holder(HoldKind Kind, string Owner)
{
    /// <summary>The one holder of all reservations: the pool itself.</summary>
    public static Holder Reserved { get; } = new(HoldKind.Reservation, "reservation");

    /// <summary>The one holder of what lies in contested blocks and nobody else holds: see <see cref="ContestedBlocks"/>.</summary>
    public static Holder Contested { get; } = new(HoldKind.Quarantine, "contested");
}

/// <summary>What a pool's addresses are used for, exactly. Reserved and cooling blocks are neither held nor available.</summary>
/// <param name="Allocated">Bound to claims, or the space of child pools.</param>
/// <param name="Leased">Lent to edges, quarantined blocks included.</param>
/// <param name="Available">Free.</param>
public sealed record Capacity(AddressCount Total, AddressCount Allocated, AddressCount Leased, AddressCount Available);
