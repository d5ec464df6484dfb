using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Which block of which child pool is whose, at this edge: derived from <c>IPAllocation</c> objects, with what the agent
/// has taken but not yet written. A block taken stays taken until its object is known to be gone. A child pool's space is
/// what its confirmed leases cover, and can grow.
/// </summary>
sealed class LocalBook(LeaseBook leases)
{
    readonly SortedDictionary<string, IPPool> pools = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PoolSpace> spaces = new(StringComparer.Ordinal);
    readonly Dictionary<string, IPAllocation> byClaimUid = new(StringComparer.Ordinal);
    readonly Dictionary<string, IPAllocation> retained = new(StringComparer.Ordinal);
    readonly Dictionary<string, Dictionary<string, IPAllocation>> homeless = new(StringComparer.Ordinal);

    /// <summary>Pools whose report may have changed.</summary>
    public TouchedPools Touched { get; } = new();

    public IPPool? Pool(string name) => pools.GetValueOrDefault(name);

    public IEnumerable<IPPool> Pools => pools.Values;

    public PoolSpace? Space(string pool) => spaces.GetValueOrDefault(pool);

    /// <summary>The allocation a claim holds.</summary>
    public IPAllocation? AllocationOf(string claimUid) => byClaimUid.GetValueOrDefault(claimUid);

    /// <summary>A block kept for a claim of this name after the one it was made for.</summary>
    public IPAllocation? FindRetained(string owner) => retained.GetValueOrDefault(owner);

    /// <summary>The pool a claim sees, with the blocks that can be allocated from on the spot.</summary>
    public PoolOffer Offer(IPPool pool, Func<BlockRequest, Supply> supply)
    {
        var blocks = pool.IsChild() ? [pool] : Managed(pool.Name);
        var root = pool.IsChild() ? BlockOf(pool) : pool.Spec.Cidr;
        return new()
        {
            Name = pool.Name,
            Root = root,
            Rules = root is { } block ? pool.Spec.Rules(block) : null,
            Blocks = [.. blocks.Where(IsOpen).Select(child => new BlockOffer(child.Name, spaces[child.Name]))],
            Reservations = pool.Spec.Reservations ?? [],
            SupplyOf = pool.IsChild() ? static _ => Supply.None : supply,
        };
    }

    /// <summary>All child pools of a root, by name.</summary>
    public IEnumerable<IPPool> ChildrenOf(string root) => pools.Values.Where(child => child.Spec.ParentPoolRef?.Name == root);

    /// <summary>The child pools the agent got for claims of a root pool.</summary>
    public IEnumerable<IPPool> Managed(string root) => pools.Values.Where(child => child.IsManaged() && child.Spec.ParentPoolRef?.Name == root);

    /// <summary>Whether a child pool can be allocated from at this moment.</summary>
    public bool IsOpen(IPPool child) => spaces.ContainsKey(child.Name) && !child.Metadata.IsDeleting() && child.Status?.Phase is not PoolPhase.Draining && Closed(child) is null;

    /// <summary>Why nothing new is allocated from a child pool with a block; null when it is open.</summary>
    public string? Closed(IPPool child) => child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) is { } uid ? leases.Closed(uid) : null;

    public void Apply(IPPool? before, IPPool? after)
    {
        var name = (after ?? before)!.Name;
        Touched.Add(name);
        if (after is not null)
        {
            pools[name] = after;
            Open(after);
            return;
        }

        pools.Remove(name);
        spaces.Remove(name);
    }

    /// <summary>A lease was confirmed, or its claim went.</summary>
    public void Apply(IPPoolClaim? before, IPPoolClaim? after)
    {
        leases.Apply(before, after);
        if ((after ?? before)!.Status?.BoundPoolName is { } name && pools.TryGetValue(name, out var pool)) Open(pool);
    }

    public void Apply(IPAllocation? before, IPAllocation? after)
    {
        if (before is not null && (after is null || Phase(after) != Phase(before) || after.Spec.ClaimRef!.Uid != before.Spec.ClaimRef!.Uid)) Drop(before);
        if (after is not null) Record(after);
    }

    /// <summary>An allocation that is known to be stored, ahead of the copy.</summary>
    public void Record(IPAllocation allocation)
    {
        if (Phase(allocation) is AllocationPhase.Retained) retained[Owner(allocation)] = allocation;
        else if (Phase(allocation) is AllocationPhase.Ready) byClaimUid[allocation.Spec.ClaimRef!.Uid!] = allocation;
        Take(allocation);
    }

    /// <summary>Takes a block for a claim, before its allocation is written.</summary>
    public void Hold(string pool, Cidr block, string owner)
    {
        Invariant.Holds(spaces[pool].TryHold(block, new(HoldKind.Allocation, owner)));
        Touched.Add(pool);
    }

    /// <summary>Gives a block back of which it is certain that nothing was written.</summary>
    public void Give(string pool, Cidr block)
    {
        if (!spaces.TryGetValue(pool, out var space) || space.HolderOf(block) is not { } holder) return;
        space.Release(block, holder);
        Touched.Add(pool);
    }

    /// <summary>Opens a child pool's space once its lease is confirmed, and opens it anew when the lease has grown.</summary>
    void Open(IPPool pool)
    {
        if (!pool.IsChild() || BlockOf(pool) is not { } block) return;
        var before = Space(pool.Name);
        if (before is not null && (before.Root == block || !block.Contains(before.Root))) return;

        var space = new PoolSpace(block);
        foreach (var (held, holder) in before?.Held() ?? []) Invariant.Holds(space.TryHold(held, holder));
        if (before is null) space.Apply(space.PlanReservations([.. (pool.Spec.Reservations ?? []).Where(block.Contains)]));
        spaces[pool.Name] = space;
        Touched.Add(pool.Name);
        if (!homeless.Remove(pool.Name, out var waiting)) return;
        foreach (var allocation in waiting.Values) Take(allocation);
    }

    void Drop(IPAllocation allocation)
    {
        if (AllocationOf(allocation.Spec.ClaimRef!.Uid!)?.Name == allocation.Name) byClaimUid.Remove(allocation.Spec.ClaimRef.Uid!);
        if (FindRetained(Owner(allocation))?.Name == allocation.Name) retained.Remove(Owner(allocation));
        var pool = allocation.Spec.PoolRef!.Name!;
        if (homeless.TryGetValue(pool, out var waiting)) waiting.Remove(allocation.Name);
        if (Space(pool)?.HolderOf(allocation.Spec.Cidr!.Value) == Holder(allocation)) Give(pool, allocation.Spec.Cidr!.Value);
    }

    /// <summary>An allocation of a pool that is not known yet waits for it; one that overlaps is left to whoever holds the block.</summary>
    void Take(IPAllocation allocation)
    {
        var pool = allocation.Spec.PoolRef!.Name!;
        if (!spaces.TryGetValue(pool, out var space))
        {
            if (!homeless.TryGetValue(pool, out var waiting)) homeless.Add(pool, waiting = new(StringComparer.Ordinal));
            waiting[allocation.Name] = allocation;
            return;
        }

        space.TryHold(allocation.Spec.Cidr!.Value, Holder(allocation));
        Touched.Add(pool);
    }

    static Holder Holder(IPAllocation allocation) => new(Phase(allocation) is AllocationPhase.Resting ? HoldKind.Cooling : HoldKind.Allocation, Owner(allocation));

    static AllocationPhase Phase(IPAllocation allocation) => allocation.Status?.Phase ?? AllocationPhase.Ready;

    static string Owner(IPAllocation allocation) => ClaimReport.Owner(allocation.Spec.ClaimRef!.Namespace, allocation.Spec.ClaimRef.Name!);

    /// <summary>A child pool is made once its lease is confirmed: then, and only then, its block may be used.</summary>
    Cidr? BlockOf(IPPool child) => child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) is { } uid ? leases.Block(uid) : null;
}
