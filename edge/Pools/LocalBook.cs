using System.Globalization;
using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Which block of which child pool is whose, at this edge: derived from <c>IPAllocation</c> objects, with what the agent
/// has taken but not yet seen written. A block taken stays taken until its object is known to be gone. A child pool's space is
/// what its confirmed leases cover, and can grow.
/// </summary>
/// <remarks>
/// Two agents may work on one cluster, each as if it were alone, and names alone keep only equal blocks apart. So both judge
/// by what the API server tells, which it tells everybody in one order: of two allocations that overlap, the one that was
/// written first holds the block, and the other is set aside. Nothing counts before it is told.
/// </remarks>
/// <param name="isBound">Whether an allocation's claim says that it is its own.</param>
sealed class LocalBook(LeaseBook leases, Func<IPAllocation, bool> isBound)
{
    readonly SortedDictionary<string, IPPool> pools = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, PoolSpace> spaces = new(StringComparer.Ordinal);
    readonly Dictionary<string, IPAllocation> byClaimUid = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, IPAllocation> retained = new(StringComparer.Ordinal);

    /// <summary>Every whole allocation, by pool and name.</summary>
    readonly Dictionary<string, SortedDictionary<string, Told>> known = new(StringComparer.Ordinal);

    /// <summary>What agents made for each claim, by its uid: one, unless two agents worked at once.</summary>
    readonly Dictionary<string, Told[]> wishes = new(StringComparer.Ordinal);

    /// <summary>A block that was taken, and not yet seen written, is somebody else's: with its pool.</summary>
    public event Action<string, Cidr>? Displaced;

    /// <summary>An allocation is a claim's from here on, or kept for one of its name.</summary>
    public event Action<IPAllocation>? Found;

    /// <summary>What was not made by the rules, and serves no claim.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <summary>Pools whose report may have changed.</summary>
    public TouchedPools Touched { get; } = new();

    public IPPool? Pool(string name) => pools.GetValueOrDefault(name);

    public IEnumerable<IPPool> Pools => pools.Values;

    public PoolSpace? Space(string pool) => spaces.GetValueOrDefault(pool);

    /// <summary>The allocation a claim holds.</summary>
    public IPAllocation? AllocationOf(string claimUid) => byClaimUid.GetValueOrDefault(claimUid);

    /// <summary>A block kept for a claim of this name after the one it was made for.</summary>
    public IPAllocation? FindRetained(string owner) => retained.GetValueOrDefault(owner);

    /// <summary>All blocks kept for claims to come.</summary>
    public IEnumerable<IPAllocation> Retained => retained.Values;

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
    public IEnumerable<IPPool> Managed(string root) => ChildrenOf(root).Where(EdgeNames.IsManaged);

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
        if (before is not null && (after is null || Phase(after) != Phase(before) || after.Spec.ClaimRef?.Uid != before.Spec.ClaimRef?.Uid)) Drop(before);
        if (after is not null) Record(after);
    }

    /// <summary>An allocation the API server told of. One of a pool without space yet waits for it.</summary>
    void Record(IPAllocation allocation)
    {
        if (!Quarantine.IsWhole(allocation))
        {
            Quarantine.Put(allocation, Quarantine.Defect(allocation)!);
            return;
        }

        var pool = allocation.Spec.PoolRef!.Name!;
        var earlier = Known(pool).GetValueOrDefault(allocation.Name);
        var told = Known(pool)[allocation.Name] = new(allocation, earlier?.Allocation.Uid == allocation.Uid ? earlier.Since : VersionOf(allocation));
        if (IsWish(allocation)) wishes[allocation.Spec.ClaimRef!.Uid!] = [.. WishesBeside(allocation), told];
        var rivals = RivalsOf(allocation);
        if (rivals.Count > 0 && FirstOf(allocation)?.Name == allocation.Name && AllocationOf(allocation.Spec.ClaimRef!.Uid!) is { } held && held.Name != allocation.Name) Unindex(held);
        Touched.Add(pool);
        if (!spaces.TryGetValue(pool, out var space))
        {
            if (OtherOf(allocation) is null) Index(allocation);
        }
        else if (Quarantine.HasAnyOf(pool) || Refusal(allocation, space) is not null)
        {
            Sort(pool);
        }
        else
        {
            Index(allocation);
        }

        foreach (var other in rivals.Where(spaces.ContainsKey)) Sort(other);
    }

    /// <summary>
    /// Whether an allocation was made by an agent for a claim. Of several for one claim the first counts, also where it cannot
    /// be judged yet because its pool is not known as far: another agent may know it.
    /// </summary>
    static bool IsWish(IPAllocation allocation) => allocation.IsManaged() && Phase(allocation) is AllocationPhase.Ready && Quarantine.Defect(allocation) is null;

    /// <summary>The pools of all other allocations of the same claim.</summary>
    List<string> RivalsOf(IPAllocation allocation) => [.. WishesBeside(allocation).Select(static other => other.Allocation.Spec.PoolRef!.Name!).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What agents made first for the claim of an allocation.</summary>
    IPAllocation? FirstOf(IPAllocation allocation) => wishes.GetValueOrDefault(allocation.Spec.ClaimRef!.Uid!) switch
    {
        null => null,
        [var only] => only.Allocation,
        var all => InOrder(all).First().Allocation,
    };

    /// <summary>What else agents made for the claim of an allocation.</summary>
    Told[] WishesBeside(IPAllocation allocation) => wishes.GetValueOrDefault(allocation.Spec.ClaimRef!.Uid!) switch
    {
        null => [],
        [var only] when only.Allocation.Name == allocation.Name => [],
        var all => [.. all.Where(other => other.Allocation.Name != allocation.Name)],
    };

    void DropWish(IPAllocation allocation)
    {
        if (WishesBeside(allocation) is { Length: > 0 } others) wishes[allocation.Spec.ClaimRef!.Uid!] = others;
        else wishes.Remove(allocation.Spec.ClaimRef!.Uid!);
    }

    /// <summary>What serves a claim or did, then the others as they were written.</summary>
    IOrderedEnumerable<Told> InOrder(IEnumerable<Told> all) =>
        all.OrderBy(told => Serves(told.Allocation) ? 0 : 1).ThenBy(static told => told.Since).ThenBy(static told => told.Allocation.Uid, StringComparer.Ordinal);

    /// <summary>Takes a block for a claim, before its allocation is written.</summary>
    public void Hold(string pool, Cidr block, string owner)
    {
        Invariant.Holds(spaces[pool].TryHold(block, new(HoldKind.Allocation, owner)));
        Touched.Add(pool);
    }

    /// <summary>Gives a block back that its holder no longer has, or of which it is certain that nothing was written.</summary>
    public void Give(string pool, Cidr block, string owner)
    {
        if (!spaces.TryGetValue(pool, out var space) || space.HolderOf(block) is not { Kind: HoldKind.Allocation or HoldKind.Cooling } holder || holder.Owner != owner) return;
        space.Release(block, holder);
        Touched.Add(pool);
        if (Quarantine.HasAnyOf(pool)) Sort(pool);
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
        if (Known(pool.Name).Count > 0 || Quarantine.HasAnyOf(pool.Name)) Sort(pool.Name);
    }

    void Drop(IPAllocation allocation)
    {
        var wasIn = Quarantine.Has(allocation.Name);
        Quarantine.Remove(allocation.Name);
        if (!Quarantine.IsWhole(allocation)) return;

        Unindex(allocation);
        var (pool, block) = (allocation.Spec.PoolRef!.Name!, allocation.Spec.Cidr!.Value);
        Known(pool).Remove(allocation.Name);
        var rivals = RivalsOf(allocation);
        DropWish(allocation);
        Touched.Add(pool);
        if (wasIn && spaces.ContainsKey(pool)) Sort(pool);
        else if (Space(pool)?.HolderOf(block) == Holder(allocation)) Give(pool, block, Owner(allocation));
        foreach (var other in rivals.Where(spaces.ContainsKey)) Sort(other);
    }

    /// <summary>
    /// Gives a pool's blocks out on paper once more, as something in it goes against the rules: first what serves a claim
    /// or did, then the others in the order they were written, and what is taken and not yet seen last. Whoever came
    /// later is set aside, also after the next start.
    /// </summary>
    void Sort(string pool)
    {
        var before = spaces[pool];
        var space = spaces[pool] = new PoolSpace(before.Root);
        var written = Known(pool).Values.Select(static told => (told.Allocation.Spec.Cidr!.Value, Holder(told.Allocation))).ToHashSet();
        foreach (var (block, holder) in before.Held().Where(static held => held.Holder.Kind is HoldKind.Reservation)) Invariant.Holds(space.TryHold(block, holder));

        Quarantine.Clear(pool);
        foreach (var (allocation, _) in Known(pool).Values) Unindex(allocation);
        foreach (var (allocation, _) in InOrder(Known(pool).Values))
        {
            if (Refusal(allocation, space) is { } why) Quarantine.Put(allocation, why.Text, why.CameLater);
            else Index(allocation);
        }

        var displaced = before.Held().Where(held => held.Holder.Kind is HoldKind.Allocation && !written.Contains((held.Block, held.Holder)) && !space.TryHold(held.Block, held.Holder)).ToList();
        foreach (var (allocation, _) in Quarantine.Inside.Where(entry => entry.Allocation.Spec.PoolRef?.Name == pool)) Quarantine.HoldFree(space, allocation.Spec.Cidr!.Value, new(HoldKind.Quarantine, allocation.Name));
        Touched.Add(pool);
        foreach (var (block, _) in displaced) Displaced?.Invoke(pool, block);
    }

    /// <summary>What a claim was told is its own stays so; what is kept or rests was once.</summary>
    bool Serves(IPAllocation allocation) => Phase(allocation) is not AllocationPhase.Ready || isBound(allocation);

    /// <summary>Holds an allocation's block, or says why it may not.</summary>
    (string Text, bool CameLater)? Refusal(IPAllocation allocation, PoolSpace space)
    {
        var block = allocation.Spec.Cidr!.Value;
        if (Quarantine.Defect(allocation) is { } defect) return (defect, false);
        if (!space.Root.Contains(block)) return ($"{block} lies outside {space.Root} of pool {allocation.Spec.PoolRef!.Name}", false);
        if (OtherOf(allocation) is { } other) return ($"claim {Owner(allocation)} holds {other.Spec.Cidr} of pool {other.Spec.PoolRef!.Name}", true);
        if (space.HolderOf(block) == Holder(allocation) || space.TryHold(block, Holder(allocation))) return null;
        return space.FindConflict(block) is { } taken
            ? ($"{block} overlaps {taken.Block}, held by {taken.Holder.Owner}", taken.Holder.Kind is HoldKind.Allocation or HoldKind.Cooling)
            : ($"{block} is not free", false);
    }

    /// <summary>What the claim of an allocation holds instead of it.</summary>
    IPAllocation? OtherOf(IPAllocation allocation)
    {
        if (Phase(allocation) is not AllocationPhase.Ready) return null;
        if (IsWish(allocation) && FirstOf(allocation) is { } first && first.Name != allocation.Name) return first;
        return AllocationOf(allocation.Spec.ClaimRef!.Uid!) is { } held && held.Name != allocation.Name ? held : null;
    }

    void Index(IPAllocation allocation)
    {
        if (Phase(allocation) is AllocationPhase.Retained) retained[Owner(allocation)] = allocation;
        else if (Phase(allocation) is AllocationPhase.Ready) byClaimUid[allocation.Spec.ClaimRef!.Uid!] = allocation;
        Found?.Invoke(allocation);
    }

    void Unindex(IPAllocation allocation)
    {
        if (AllocationOf(allocation.Spec.ClaimRef!.Uid!)?.Name == allocation.Name) byClaimUid.Remove(allocation.Spec.ClaimRef.Uid!);
        if (FindRetained(Owner(allocation))?.Name == allocation.Name) retained.Remove(Owner(allocation));
    }

    SortedDictionary<string, Told> Known(string pool)
    {
        if (!known.TryGetValue(pool, out var allocations)) known.Add(pool, allocations = new(StringComparer.Ordinal));
        return allocations;
    }

    /// <summary>The API server's one order of all writes. What is no number, on no server there is, comes first.</summary>
    static ulong VersionOf(IPAllocation allocation) => ulong.TryParse(allocation.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    /// <summary>An allocation as it is, and when it was first told of.</summary>
    sealed record Told(IPAllocation Allocation, ulong Since);

    static Holder Holder(IPAllocation allocation) => new(Phase(allocation) is AllocationPhase.Resting ? HoldKind.Cooling : HoldKind.Allocation, Owner(allocation));

    static AllocationPhase Phase(IPAllocation allocation) => allocation.Status?.Phase ?? AllocationPhase.Ready;

    static string Owner(IPAllocation allocation) => ClaimReport.Owner(allocation.Spec.ClaimRef!.Namespace, allocation.Spec.ClaimRef.Name!);

    /// <summary>A child pool is made once its lease is confirmed: then, and only then, its block may be used.</summary>
    Cidr? BlockOf(IPPool child) => child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) is { } uid ? leases.Block(uid) : null;
}
