namespace Federation.Domain.Addressing;

/// <summary>
/// The way from a pool's reservations to those wanted. A block inside another wanted one needs no reservation of its own,
/// and existing reservations give way to wanted ones; anybody else's block does not.
/// </summary>
public sealed record ReservationChange
{
    /// <summary>Blocks to reserve, in address order.</summary>
    public required IReadOnlyList<Cidr> Taken { get; init; }

    /// <summary>Reservations to end, in address order. They end first: their space may be in <see cref="Taken"/> again.</summary>
    public required IReadOnlyList<Cidr> Freed { get; init; }

    /// <summary>Wanted blocks that do not lie in the pool, as they were given.</summary>
    public required IReadOnlyList<Cidr> Outside { get; init; }

    /// <summary>Wanted blocks somebody holds a part of, in address order; for each the lowest held block.</summary>
    public required IReadOnlyList<ReservationConflict> Conflicts { get; init; }

    public bool IsPossible => Outside.Count == 0 && Conflicts.Count == 0;
}

/// <summary>A block that cannot be reserved, because <paramref name="Holder"/> holds <paramref name="Block"/>, which overlaps it.</summary>
public sealed record ReservationConflict(Cidr Wanted, Cidr Block, Holder Holder);
