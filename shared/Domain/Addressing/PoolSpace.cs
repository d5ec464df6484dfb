namespace Federation.Domain.Addressing;

/// <summary>Why a block is taken.</summary>
public enum HoldKind { Unspecified = 0, Allocation, ChildPool, Lease, Reservation, Cooling, Quarantine }

/// <summary>Who holds a block. <paramref name="Owner"/> identifies the holder and is what messages name.</summary>
public readonly record struct Holder(HoldKind Kind, string Owner);

/// <summary>What a pool's addresses are used for, exactly. Reserved and resting blocks are neither held nor available.</summary>
public sealed record Capacity(AddressCount Total, AddressCount Allocated, AddressCount Leased, AddressCount Available);

/// <summary>The space of one pool with the holder of each block. One writer.</summary>
public sealed class PoolSpace(Cidr root)
{
    readonly AddressSpace space = new(root);
    readonly Dictionary<Cidr, Holder> holders = [];
    readonly AddressCount[] sums = new AddressCount[7];
    readonly int[] counts = new int[7];

    public Cidr Root => space.Root;

    public int? LargestFreePrefixLength => space.LargestFreePrefixLength;

    public bool IsExhausted => space.LargestFreePrefixLength is null;

    public double UtilizationPercent => (Sum(HoldKind.Allocation) + Sum(HoldKind.ChildPool) + Lent).PercentOf(Root.Count);

    public Capacity Capacity => new(Root.Count, Sum(HoldKind.Allocation) + Sum(HoldKind.ChildPool), Lent, space.FreeCount);

    AddressCount Lent => Sum(HoldKind.Lease) + Sum(HoldKind.Quarantine);

    public AddressCount Sum(HoldKind kind) => sums[(int)kind];

    public int Count(HoldKind kind) => counts[(int)kind];

    /// <summary>How many blocks of this length could be taken, one beside the other.</summary>
    public AddressCount FreeBlocks(int length) => space.FreeBlocks(length);

    public bool TryFind(int length, PlacementStrategy strategy, out Cidr block) => space.TryFind(length, strategy, out block);

    public bool IsFree(Cidr block) => space.IsFree(block);

    public bool CanDouble(Cidr block) => space.CanDouble(block);

    public Holder? HolderOf(Cidr block) => holders.TryGetValue(block, out var holder) ? holder : null;

    /// <summary>The lowest held block that overlaps, with its holder.</summary>
    public (Cidr Block, Holder Holder)? FindConflict(Cidr block) =>
        space.TryFindOverlap(block, out var taken) ? (taken, holders[taken]) : null;

    /// <summary>Takes exactly this block for a holder; false when it is outside or any part of it is taken.</summary>
    public bool TryHold(Cidr block, Holder holder)
    {
        Invariant.Holds(holder.Kind is not HoldKind.Unspecified);
        if (!space.Reserve(block)) return false;
        holders.Add(block, holder);
        Count(block, holder.Kind, sign: 1);
        return true;
    }

    /// <summary>Frees a block its holder held; false when somebody else holds it, or nobody does.</summary>
    public bool Release(Cidr block, Holder holder)
    {
        if (HolderOf(block) != holder) return false;
        Invariant.Holds(space.Release(block));
        holders.Remove(block);
        Count(block, holder.Kind, sign: -1);
        return true;
    }

    /// <summary>Hands a block from one holder to another without its being free in between.</summary>
    public bool Change(Cidr block, Holder from, Holder to)
    {
        if (HolderOf(block) != from) return false;
        holders[block] = to;
        Count(block, from.Kind, sign: -1);
        Count(block, to.Kind, sign: 1);
        return true;
    }

    /// <summary>Everything held, in address order.</summary>
    public IEnumerable<(Cidr Block, Holder Holder)> Held() => space.TakenInOrder().Select(block => (block, holders[block]));

    void Count(Cidr block, HoldKind kind, int sign)
    {
        var sum = sums[(int)kind];
        sums[(int)kind] = sign > 0 ? sum + block.Count : sum - block.Count;
        counts[(int)kind] += sign;
    }
}
