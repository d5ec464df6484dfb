using System.Globalization;

namespace Federation.Domain.Addressing;

/// <summary>The space of one pool with the holder of each block: why it is taken, and by whom. One writer.</summary>
public sealed class PoolSpace(Cidr root)
{
    static readonly int Kinds = Enum.GetValues<HoldKind>().Length;

    readonly AddressSpace space = new(root);
    readonly Dictionary<Cidr, Holder> holders = [];
    readonly SortedSet<Cidr> reserved = [];
    readonly AddressCount[] sums = new AddressCount[Kinds];
    readonly int[] counts = new int[Kinds];

    public Cidr Root => space.Root;

    /// <summary>Length of the largest free block; null when nothing is free.</summary>
    public int? LargestFreePrefixLength => space.LargestFreePrefixLength;

    /// <summary>Whether not a single address is free.</summary>
    public bool IsExhausted => space.LargestFreePrefixLength is null;

    /// <summary>The share of the pool that is allocated or lent, 0 to 100 with four decimals.</summary>
    public double UtilizationPercent => (Allocated + Leased).PercentOf(space.Root.Count);

    public Capacity Capacity => new(space.Root.Count, Allocated, Leased, space.FreeCount);

    AddressCount Allocated => Sum(HoldKind.Allocation) + Sum(HoldKind.ChildPool);

    AddressCount Leased => Sum(HoldKind.Lease) + Sum(HoldKind.Quarantine);

    /// <summary>How many addresses are held for this reason.</summary>
    public AddressCount Sum(HoldKind kind) => sums[(int)kind];

    /// <summary>How many blocks are held for this reason.</summary>
    public int Count(HoldKind kind) => counts[(int)kind];

    /// <inheritdoc cref="AddressSpace.TryFind"/>
    public bool TryFind(int length, PlacementStrategy strategy, out Cidr block) => space.TryFind(length, strategy, out block);

    /// <summary>As <see cref="TryFind(int, PlacementStrategy, out Cidr)"/>, but nowhere in these blocks, which need not lie here.</summary>
    public bool TryFind(int length, PlacementStrategy strategy, IReadOnlyList<Cidr> avoided, out Cidr block)
    {
        if (!TryFind(length, strategy, out block)) return false;
        if (!avoided.Any(block.Overlaps)) return true;

        var aside = new ContestedBlocks(this);
        foreach (var (index, area) in avoided.Where(Root.Overlaps).Index()) aside.Add(index.ToString(CultureInfo.InvariantCulture), area.Contains(Root) ? Root : area);
        aside.Lay();
        var found = TryFind(length, strategy, out block);
        aside.Lift();
        return found;
    }

    /// <inheritdoc cref="AddressSpace.FreeBlocks"/>
    public AddressCount FreeBlocks(int length) => space.FreeBlocks(length);

    /// <inheritdoc cref="AddressSpace.IsFree"/>
    public bool IsFree(Cidr block) => space.IsFree(block);

    /// <inheritdoc cref="AddressSpace.CanDouble"/>
    public bool CanDouble(Cidr block) => space.CanDouble(block);

    /// <summary>Who holds exactly this block; null when nobody does.</summary>
    public Holder? HolderOf(Cidr block) => holders.TryGetValue(block, out var holder) ? holder : null;

    /// <summary>The lowest held block that overlaps, with its holder.</summary>
    public (Cidr Block, Holder Holder)? FindConflict(Cidr block) =>
        space.TryFindOverlap(block, out var taken) ? (taken, holders[taken]) : null;

    /// <summary>Everything held, in address order. The space must not change on the way.</summary>
    public IEnumerable<(Cidr Block, Holder Holder)> Held() => Held(Root);

    /// <summary>Everything held that overlaps <paramref name="block"/>, in address order. The space must not change on the way.</summary>
    public IEnumerable<(Cidr Block, Holder Holder)> Held(Cidr block) => space.TakenInOrder(block).Select(taken => (taken, holders[taken]));

    /// <summary>Takes exactly this block for a holder; false when it is outside or any part of it is taken.</summary>
    public bool TryHold(Cidr block, Holder holder)
    {
        Invariant.Holds(holder.Kind is not HoldKind.Unspecified);
        if (!space.Reserve(block)) return false;
        Enter(block, holder);
        return true;
    }

    /// <summary>Frees a block its holder held; false when somebody else holds it, or nobody does.</summary>
    public bool Release(Cidr block, Holder holder)
    {
        if (HolderOf(block) != holder) return false;
        Invariant.Holds(space.Release(block));
        Strike(block, holder);
        return true;
    }

    /// <summary>Hands a block from one holder to another without its being free in between; false when <paramref name="from"/> does not hold it.</summary>
    public bool Change(Cidr block, Holder from, Holder to)
    {
        Invariant.Holds(to.Kind is not HoldKind.Unspecified);
        if (HolderOf(block) != from) return false;
        Strike(block, from);
        Enter(block, to);
        return true;
    }

    /// <summary>What it would take to reserve exactly these blocks. Changes nothing.</summary>
    public ReservationChange PlanReservations(IReadOnlyList<Cidr> wanted)
    {
        var inside = wanted.Where(Root.Contains).ToList();
        var goal = new SortedSet<Cidr>(inside.Where(block => !inside.Any(other => other != block && other.Contains(block))));
        return new()
        {
            Taken = [.. goal.Except(reserved).Order()],
            Freed = [.. reserved.Except(goal).Order()],
            Outside = [.. wanted.Where(block => !Root.Contains(block))],
            Conflicts = [.. goal.Select(FindLiveConflict).OfType<ReservationConflict>()],
        };
    }

    /// <summary>Follows a plan that nothing speaks against, made since the last change of this space.</summary>
    public void Apply(ReservationChange change)
    {
        Invariant.Holds(change.IsPossible);
        foreach (var block in change.Freed) Invariant.Holds(Release(block, Holder.Reserved));
        foreach (var block in change.Taken) Invariant.Holds(TryHold(block, Holder.Reserved));
    }

    /// <summary>The first holder in the way, past reservations: those give way to one another.</summary>
    ReservationConflict? FindLiveConflict(Cidr wanted)
    {
        foreach (var (block, holder) in Held(wanted))
        {
            if (holder.Kind is not HoldKind.Reservation) return new(wanted, block, holder);
        }

        return null;
    }

    void Enter(Cidr block, Holder holder)
    {
        holders.Add(block, holder);
        sums[(int)holder.Kind] += block.Count;
        counts[(int)holder.Kind]++;
        if (holder.Kind is HoldKind.Reservation) reserved.Add(block);
    }

    void Strike(Cidr block, Holder holder)
    {
        holders.Remove(block);
        sums[(int)holder.Kind] -= block.Count;
        counts[(int)holder.Kind]--;
        if (holder.Kind is HoldKind.Reservation) reserved.Remove(block);
    }
}
