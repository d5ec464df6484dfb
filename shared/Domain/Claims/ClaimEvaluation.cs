using System.Diagnostics;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Domain.Claims;

/// <summary>
/// The one answer to "what becomes of this claim?", for hub and edge alike. Pure: it takes nothing and changes
/// nothing. Whoever acts on it takes the block, records it and reports <see cref="ClaimVerdict.Finding"/>.
/// </summary>
public static class ClaimEvaluation
{
    public static ClaimVerdict Evaluate(ClaimWish wish) => wish.Target switch
    {
        ClaimTarget.Named(var name, null) => new ClaimVerdict.Refused(Reasons.PoolNotFound, $"pool {name} not found"),
        ClaimTarget.Named(_, { } pool) => Try(wish, pool),
        ClaimTarget.Selected(var selector, { Count: 0 }) =>
            new ClaimVerdict.Refused(Reasons.NoMatchingPool, $"no pool matches selector {selector}"),
        ClaimTarget.Selected(_, var pools) => TryEach(wish, InOrder(pools)),
        _ => throw new UnreachableException(),
    };

    /// <summary>By name; when a matching pool asks for it, the emptiest first.</summary>
    static IEnumerable<PoolOffer> InOrder(IReadOnlyList<PoolOffer> pools)
    {
        var byName = pools.OrderBy(static pool => pool.Name, StringComparer.Ordinal);
        return pools.Any(static pool => pool.Rules?.Strategy is PlacementStrategy.LeastUtilized)
            ? byName.OrderBy(static pool => pool.Blocks.Select(static block => block.Space.UtilizationPercent).DefaultIfEmpty(100).Min())
            : byName;
    }

    /// <summary>The first pool that can; else the verdict that tells most about what would help.</summary>
    static ClaimVerdict TryEach(ClaimWish wish, IEnumerable<PoolOffer> pools)
    {
        ClaimVerdict? best = null;
        var hope = 0;
        foreach (var pool in pools)
        {
            var verdict = Try(wish, pool);
            if (verdict is ClaimVerdict.Granted) return verdict;
            if (Hope(wish, pool, verdict) is var found && found > hope) (best, hope) = (verdict, found);
        }

        return best ?? throw new UnreachableException();
    }

    /// <summary>
    /// How near a verdict is to a block: waiting beats full or held, that beats the wrong size, that beats a block
    /// that lies elsewhere, that beats the wrong family.
    /// </summary>
    static int Hope(ClaimWish wish, PoolOffer pool, ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Waiting => 5,
        ClaimVerdict.Refused { Reason: Reasons.AddressFamilyMismatch } => 1,
        ClaimVerdict.Refused { Reason: Reasons.AddressUnavailable } when wish.Block is { } block && pool.Root?.Contains(block) is false => 2,
        ClaimVerdict.Refused { Reason: Reasons.PrefixLengthOutOfBounds } => 3,
        _ => 4,
    };

    static ClaimVerdict Try(ClaimWish wish, PoolOffer pool)
    {
        if (pool is not { Root: { } root, Rules: { } rules })
        {
            return new ClaimVerdict.Waiting(Reasons.Pending, $"pool {pool.Name} has no block yet", Ask: null);
        }

        if ((wish.Family ?? wish.Block?.Family) is { } family && family != root.Family) return Mismatch(family, pool.Name, root);

        var length = wish.Block?.Length ?? wish.PrefixLength ?? rules.DefaultPrefixLength;
        if (length < rules.MinPrefixLength || length > rules.MaxPrefixLength) return OutOfBounds(length, pool.Name, rules);

        return wish.Block is { } block ? TryExactly(block, pool, root) : TryAny(length, pool, rules);
    }

    static ClaimVerdict TryExactly(Cidr block, PoolOffer pool, Cidr root)
    {
        if (!root.Contains(block)) return Unavailable(block, pool.Name, "outside the pool");
        if (pool.Reservations.Any(reserved => reserved.Overlaps(block))) return Unavailable(block, pool.Name, "reserved");

        foreach (var offer in pool.Blocks)
        {
            if (!offer.Space.Root.Contains(block)) continue;
            if (!offer.Space.IsFree(block)) return Unavailable(block, pool.Name, offer.Space);
            return new ClaimVerdict.Granted(pool, offer, block);
        }

        return Beyond(pool, new BlockRequest(pool.Name, block.Length, block), Unavailable(block, pool.Name, "outside the pool's blocks"));
    }

    static ClaimVerdict TryAny(int length, PoolOffer pool, PoolRules rules)
    {
        foreach (var offer in InOrder(pool.Blocks, rules.Strategy))
        {
            if (offer.Space.TryFind(length, rules.Strategy, out var block)) return new ClaimVerdict.Granted(pool, offer, block);
        }

        return Beyond(pool, new BlockRequest(pool.Name, length, Block: null), Exhausted(length, pool.Name));
    }

    /// <summary>A pool of one block is the usual case, and costs nothing to order.</summary>
    static IEnumerable<BlockOffer> InOrder(IReadOnlyList<BlockOffer> blocks, PlacementStrategy strategy) => (blocks.Count, strategy) switch
    {
        ( <= 1, _) => blocks,
        (_, PlacementStrategy.LeastUtilized) => blocks.OrderBy(static block => block.Space.UtilizationPercent).ThenBy(static block => block.Space.Root),
        (_, PlacementStrategy.BestFit) => blocks.OrderByDescending(static block => block.Space.LargestFreePrefixLength ?? 0).ThenBy(static block => block.Space.Root),
        _ => blocks.OrderBy(static block => block.Space.Root),
    };

    static ClaimVerdict Beyond(PoolOffer pool, BlockRequest request, ClaimVerdict.Refused otherwise) => pool.SupplyOf(request) switch
    {
        Supply.Nothing => otherwise,
        Supply.Askable => new ClaimVerdict.Waiting(Reasons.WaitingForLease, $"waiting for a lease of pool {pool.Name}", request),
        Supply.Awaited(var reason, var message) => new ClaimVerdict.Waiting(reason, message, Ask: null),
        Supply.Denied(Reasons.PoolExhausted, _) => request.Block is null ? Exhausted(request.PrefixLength, pool.Name) : otherwise,
        Supply.Denied(var reason, var message) => new ClaimVerdict.Refused(reason, message),
        _ => throw new UnreachableException(),
    };

    public static ClaimVerdict.Refused Exhausted(int length, string pool) =>
        new(Reasons.PoolExhausted, $"no available block of size /{length} in pool {pool}");

    public static ClaimVerdict.Refused Mismatch(IPFamily family, string pool, Cidr root) =>
        new(Reasons.AddressFamilyMismatch, $"claim asks for {family}, pool {pool} is {root.Family}");

    public static ClaimVerdict.Refused OutOfBounds(int length, string pool, PoolRules rules) =>
        new(Reasons.PrefixLengthOutOfBounds,
            $"prefix length /{length} is outside the range /{rules.MinPrefixLength} to /{rules.MaxPrefixLength} of pool {pool}");

    /// <summary>Why exactly this block cannot be had of a space it is not free in.</summary>
    public static ClaimVerdict.Refused Unavailable(Cidr block, string pool, PoolSpace space) => Unavailable(
        block, pool, space.Root.Contains(block) && space.FindConflict(block) is var (taken, holder) ? Describe(block, taken, holder) : "outside the pool");

    static ClaimVerdict.Refused Unavailable(Cidr block, string pool, string why) =>
        new(Reasons.AddressUnavailable, $"{block} is not available in pool {pool}: {why}");

    static string Describe(Cidr wanted, Cidr taken, Holder holder) => holder.Kind switch
    {
        HoldKind.Reservation => "reserved",
        HoldKind.Cooling => $"released by {holder.Owner} and resting",
        _ when taken == wanted => $"held by {holder.Owner}",
        _ => $"{taken} is held by {holder.Owner}",
    };
}
