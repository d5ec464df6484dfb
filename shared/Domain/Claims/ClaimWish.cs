using Federation.Domain.Addressing;

namespace Federation.Domain.Claims;

/// <summary>What a claim asks for, with its selector already matched against the pools there are.</summary>
public sealed record ClaimWish
{
    public required ClaimTarget Target { get; init; }

    /// <summary>Null: the pool's default.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>Null: any.</summary>
    public IPFamily? Family { get; init; }

    /// <summary>A particular block; null: any.</summary>
    public Cidr? Block { get; init; }
}

/// <summary>Which pools will do. Closed.</summary>
public abstract record ClaimTarget
{
    ClaimTarget() { }

    /// <summary>The pool of this name; <paramref name="Pool"/> is null when there is none.</summary>
    public sealed record Named(string Name, PoolOffer? Pool) : ClaimTarget;

    /// <summary>Any pool that matches; <paramref name="Selector"/> as text for messages.</summary>
    public sealed record Selected(string Selector, IReadOnlyList<PoolOffer> Pools) : ClaimTarget;
}

/// <summary>The sizes a pool hands out, and how it chooses blocks.</summary>
/// <param name="MinPrefixLength">Shortest prefix, so largest block.</param>
/// <param name="MaxPrefixLength">Longest prefix, so smallest block.</param>
/// <param name="DefaultPrefixLength">For claims that name no size.</param>
public sealed record PoolRules(int MinPrefixLength, int MaxPrefixLength, int DefaultPrefixLength, PlacementStrategy Strategy)
{
    /// <summary>The rules of a pool over <paramref name="root"/>; what is not given follows from the block itself.</summary>
    public static PoolRules Of(Cidr root, int? min, int? max, int? preset, PlacementStrategy? strategy)
    {
        var shortest = Math.Max(min ?? root.Length, root.Length);
        var longest = Math.Max(Math.Min(max ?? root.Width, root.Width), shortest);
        return new(shortest, longest, Math.Clamp(preset ?? longest, shortest, longest), strategy ?? PlacementStrategy.FirstFit);
    }
}

/// <summary>A pool as a claim sees it, with everything that can be allocated from on the spot.</summary>
public sealed record PoolOffer
{
    /// <summary>The name in the claim's <c>boundPoolRef</c> and in messages.</summary>
    public required string Name { get; init; }

    /// <summary>The pool's whole block; null while a child pool has none.</summary>
    public required Cidr? Root { get; init; }

    public required PoolRules? Rules { get; init; }

    public required IReadOnlyList<BlockOffer> Blocks { get; init; }

    public IReadOnlyList<Cidr> Reservations { get; init; } = [];

    /// <summary>What becomes of a claim for which <see cref="Blocks"/> have no room: where this much more would come from.</summary>
    public Func<BlockRequest, Supply> SupplyOf { get; init; } = static _ => Supply.None;
}

/// <summary>A block one can allocate from, and the pool that records it.</summary>
public sealed record BlockOffer(string Pool, PoolSpace Space);

/// <summary>Where more room for a pool would come from. Closed.</summary>
public abstract record Supply
{
    Supply() { }

    /// <summary>Nowhere: what is there is all there is.</summary>
    public static readonly Supply None = new Nothing();

    public sealed record Nothing : Supply;

    /// <summary>A block can be asked for; the claim waits meanwhile.</summary>
    public sealed record Askable : Supply;

    /// <summary>A block has been asked for, or cannot be asked for at present: the claim waits, for this reason.</summary>
    public sealed record Awaited(string Reason, string Message) : Supply;

    /// <summary>More was asked for and refused, for this reason.</summary>
    public sealed record Denied(string Reason, string Message) : Supply;
}
