using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Which block of which child pool is whose, at this edge: derived from <c>IPAllocation</c> objects, with what the agent
/// has taken but not yet written. A block taken stays taken until its object is known to be gone.
/// </summary>
sealed class LocalBook
{
    readonly SortedDictionary<string, IPPool> pools = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PoolSpace> spaces = new(StringComparer.Ordinal);
    readonly Dictionary<string, IPAllocation> byClaimUid = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<IPAllocation>> homeless = new(StringComparer.Ordinal);

    /// <summary>Pools whose report may have changed.</summary>
    public SortedSet<string> Touched { get; } = new(StringComparer.Ordinal);

    public IPPool? Pool(string name) => pools.GetValueOrDefault(name);

    public IEnumerable<IPPool> Pools => pools.Values;

    public PoolSpace? Space(string pool) => spaces.GetValueOrDefault(pool);

    public IPAllocation? AllocationOf(string claimUid) => byClaimUid.GetValueOrDefault(claimUid);

    /// <summary>The pool a claim sees, with the blocks that can be allocated from on the spot.</summary>
    public PoolOffer Offer(IPPool pool, Func<BlockRequest, Supply> supply)
    {
        var blocks = pool.IsChild() ? [pool] : pools.Values.Where(child => child.IsManaged() && child.Spec.ParentPoolRef?.Name == pool.Name);
        var root = pool.IsChild() ? BlockOf(pool) : pool.Spec.Cidr;
        return new()
        {
            Name = pool.Name,
            Root = root,
            Rules = root is { } block ? pool.Spec.Rules(block) : null,
            Blocks = [.. blocks.Where(CanAllocate).Select(child => new BlockOffer(child.Name, spaces[child.Name]))],
            Reservations = pool.Spec.Reservations ?? [],
            SupplyOf = pool.IsChild() ? static _ => Supply.None : supply,
        };
    }

    public void Apply(IPPool? before, IPPool? after)
    {
        var name = (after ?? before)!.Name;
        Touched.Add(name);
        if (after is null)
        {
            pools.Remove(name);
            spaces.Remove(name);
            return;
        }

        pools[name] = after;
        if (!after.IsChild() || spaces.ContainsKey(name) || BlockOf(after) is not { } block) return;
        var space = new PoolSpace(block);
        foreach (var reserved in (after.Spec.Reservations ?? []).Where(block.Contains)) space.TryHold(reserved, Holder.Reserved);
        spaces.Add(name, space);
        if (!homeless.Remove(name, out var waiting)) return;
        foreach (var allocation in waiting) Take(allocation);
    }

    public void Apply(IPAllocation? before, IPAllocation? after)
    {
        if (before is not null && (after is null || after.Spec.ClaimRef?.Uid != before.Spec.ClaimRef?.Uid)) byClaimUid.Remove(before.Spec.ClaimRef!.Uid!);
        if (after is not null) byClaimUid[after.Spec.ClaimRef!.Uid!] = after;
        if (before is null && after is not null) Take(after);
        if (after is null) Give(before!.Spec.PoolRef!.Name!, before.Spec.Cidr!.Value);
    }

    /// <summary>An allocation that is known to be stored, ahead of the copy.</summary>
    public void Record(IPAllocation allocation)
    {
        byClaimUid[allocation.Spec.ClaimRef!.Uid!] = allocation;
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

    /// <summary>An allocation of a pool that is not known yet waits for it; one that overlaps is left to whoever holds the block.</summary>
    void Take(IPAllocation allocation)
    {
        var pool = allocation.Spec.PoolRef!.Name!;
        if (!spaces.TryGetValue(pool, out var space))
        {
            if (!homeless.TryGetValue(pool, out var waiting)) homeless.Add(pool, waiting = []);
            waiting.Add(allocation);
            return;
        }

        space.TryHold(allocation.Spec.Cidr!.Value, new(HoldKind.Allocation, ClaimReport.Owner(allocation.Spec.ClaimRef!.Namespace, allocation.Spec.ClaimRef.Name!)));
        Touched.Add(pool);
    }

    /// <summary>A child pool is made once its lease is confirmed: then, and only then, its block may be used.</summary>
    static Cidr? BlockOf(IPPool child) => child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) is null ? null : child.Spec.Cidr;

    bool CanAllocate(IPPool child) => spaces.ContainsKey(child.Name) && !child.Metadata.IsDeleting() && child.Status?.Phase is not PoolPhase.Draining;
}
