using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>A pool with its space, and the view claims have of it.</summary>
sealed class PoolEntry(IPPool pool, PoolSpace? space)
{
    PoolOffer? offer;

    public IPPool Pool { get; private set; } = pool;

    /// <summary>Null while a child pool has no block.</summary>
    public PoolSpace? Space { get; } = space;

    /// <summary>What the pool holds besides its reservations and what only rests.</summary>
    public int Contents => Space is null ? 0 : Space.Count(HoldKind.Allocation) + Space.Count(HoldKind.ChildPool) + Space.Count(HoldKind.Lease) + Space.Count(HoldKind.Quarantine);

    public bool IsDraining => Pool.Metadata.IsDeleting() || Pool.Status?.Phase is PoolPhase.Draining;

    public PoolOffer Offer => offer ??= new PoolOffer
    {
        Name = Pool.Name,
        Root = Space?.Root,
        Rules = Space is null ? null : Pool.Spec.Rules(Space.Root),
        Blocks = Space is null || IsDraining ? [] : [new BlockOffer(Pool.Name, Space)],
        Reservations = Pool.Spec.Reservations ?? [],
    };

    public void Renew(IPPool pool)
    {
        Pool = pool;
        offer = null;
    }

    /// <summary>The holders of a pool, for people: the count is exact, the names are the first few.</summary>
    public IEnumerable<string> Holders(int most) => Space is null ? [] : Space.Held()
        .Where(static held => held.Holder.Kind is HoldKind.Allocation or HoldKind.ChildPool or HoldKind.Lease or HoldKind.Quarantine)
        .Take(most)
        .Select(static held => $"{Word(held.Holder.Kind)} {held.Holder.Owner}");

    static string Word(HoldKind kind) => kind switch
    {
        HoldKind.Allocation => "claim",
        HoldKind.ChildPool => "pool",
        _ => "lease",
    };
}
