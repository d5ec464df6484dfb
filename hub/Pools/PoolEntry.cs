using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>A pool with its space, and the view claims have of it.</summary>
sealed class PoolEntry(IPPool pool, PoolSpace? space)
{
    PoolOffer? offer;
    bool isRecovering;
    ContestedBlocks? contested;

    public IPPool Pool { get; private set; } = pool;

    /// <summary>Null while a child pool has no block.</summary>
    public PoolSpace? Space { get; } = space;

    /// <summary>What the pool holds besides its reservations and what only rests.</summary>
    public int Contents => Space is null ? 0 : Space.Count(HoldKind.Allocation) + Space.Count(HoldKind.ChildPool) + Space.Count(HoldKind.Lease) + Space.Count(HoldKind.Quarantine);

    /// <summary>Whether the hub was restored, and does not know yet what of this pool was handed out since: nothing is.</summary>
    public bool IsRecovering
    {
        get => isRecovering;
        set
        {
            if (value != isRecovering) offer = null;
            isRecovering = value;
        }
    }

    public bool IsDraining => Pool.Metadata.IsDeleting() || Pool.Status?.Phase is PoolPhase.Draining;

    public PoolOffer Offer => offer ??= new PoolOffer
    {
        Name = Pool.Name,
        Root = Space?.Root,
        Rules = Space is null ? null : Pool.Spec.Rules(Space.Root),
        Blocks = Space is null || IsDraining || IsRecovering ? [] : [new BlockOffer(Pool.Name, Space)],
        SupplyOf = _ => IsRecovering ? new Supply.Awaited(Reasons.HubRecovering, $"the hub was restored from a backup: nothing of pool {Pool.Name} is handed out until it is known what was handed out since") : Supply.None,
        Reservations = Pool.Spec.Reservations ?? [],
    };

    public void Renew(IPPool pool)
    {
        Pool = pool;
        offer = null;
    }

    /// <summary>Takes a block for a holder; false when it is not free.</summary>
    public bool Take(Cidr block, Holder holder) => Change(space => space.TryHold(block, holder));

    /// <summary>Frees a holder's block; false when it does not hold it.</summary>
    public bool Give(Cidr block, Holder holder) => Change(space => space.Release(block, holder));

    /// <summary>Notes that a lease's block is contested: no part of it is free from here on.</summary>
    public void Contest(string leaseId, Cidr block)
    {
        contested ??= new(Space!);
        Change(_ => { contested.Add(leaseId, block); return true; });
    }

    public void Settle(string leaseId) => Change(_ => { contested!.Remove(leaseId); return true; });

    /// <summary>The first contested lease, by name, in the way of a block; null when there is none.</summary>
    public string? FindContest(Cidr block, string? except = null) => contested?.FindClaim(block, except);

    /// <summary>Reserves what the pool's spec says.</summary>
    public void Reserve() => Change(space =>
    {
        space.Apply(space.PlanReservations(Pool.Spec.Reservations ?? []));
        return true;
    });

    /// <summary>A change of the holders. What is held for contests gives way to it, and is laid anew after.</summary>
    bool Change(Func<PoolSpace, bool> change)
    {
        if (Space is null) return false;
        contested?.Lift();
        var done = change(Space);
        contested?.Lay();
        if (contested is { Count: 0 }) contested = null;
        return done;
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
