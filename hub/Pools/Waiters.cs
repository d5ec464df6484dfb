using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Objects that wait for space, oldest first: claims, pool claims and child pools. Identities are made in order of time,
/// so order of identity is order of creation.
/// </summary>
sealed class Waiters
{
    readonly SortedDictionary<string, SortedDictionary<string, Resource>> byPool = new(StringComparer.Ordinal);

    /// <summary>Those that wait for any pool of a selector.</summary>
    readonly SortedDictionary<string, Resource> bySelector = new(StringComparer.Ordinal);

    public int Count => byPool.Values.Sum(static waiting => waiting.Count) + bySelector.Count;

    /// <summary>Everyone to whom a change of this pool may matter, oldest first.</summary>
    public List<Resource> For(string pool) =>
    [
        .. (byPool.TryGetValue(pool, out var waiting) ? waiting.Values.Concat(bySelector.Values) : bySelector.Values)
            .OrderBy(static resource => resource.Uid, StringComparer.Ordinal),
    ];

    /// <summary>How many wait for this pool by its name.</summary>
    public int CountOf(string pool) => byPool.TryGetValue(pool, out var waiting) ? waiting.Count : 0;

    /// <summary>Whether more or fewer wait.</summary>
    public bool Apply(IPClaim? before, IPClaim? after)
    {
        var (waited, waits) = (before?.IsWaiting() ?? false, after?.IsWaiting() ?? false);
        if (waited) Remove(before!, before!.Spec.PoolRef?.Name);
        if (waits) Add(after!, after!.Spec.PoolRef?.Name);
        return waited != waits;
    }

    public void Apply(IPPoolClaim? before, IPPoolClaim? after)
    {
        if (before is not null && Waits(before)) Remove(before, before.Spec.ParentPoolRef?.Name);
        if (after is not null && Waits(after)) Add(after, after.Spec.ParentPoolRef?.Name);
    }

    public void Apply(IPPool? before, IPPool? after)
    {
        if (before is not null && Waits(before)) Remove(before, before.Spec.ParentPoolRef!.Name);
        if (after is not null && Waits(after)) Add(after, after.Spec.ParentPoolRef!.Name);
    }

    static bool Waits(IPPoolClaim claim) => !claim.Metadata.IsDeleting() && claim.Status?.Phase is not ClaimPhase.Bound;

    static bool Waits(IPPool pool) => pool.IsChild() && pool.Block() is null && !pool.Metadata.IsDeleting();

    void Add(Resource resource, string? pool)
    {
        if (pool is null) bySelector.Add(resource.Uid, resource);
        else if (byPool.TryGetValue(pool, out var waiting)) waiting.Add(resource.Uid, resource);
        else byPool.Add(pool, new(StringComparer.Ordinal) { [resource.Uid] = resource });
    }

    void Remove(Resource resource, string? pool)
    {
        if (pool is null)
        {
            bySelector.Remove(resource.Uid);
            return;
        }

        var waiting = byPool[pool];
        waiting.Remove(resource.Uid);
        if (waiting.Count == 0) byPool.Remove(pool);
    }
}
