using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Objects that wait for space: claims, pool claims and child pools. Identities are made in order of time, so order of
/// identity is order of creation.
/// </summary>
/// <param name="isKept">Whether a block is kept for a claim of this name.</param>
sealed class Waiters(Func<string, bool> isKept)
{
    readonly SortedDictionary<string, WaitingGroups<Resource>> byPool = new(StringComparer.Ordinal);

    /// <summary>Those that wait for any pool of a selector.</summary>
    readonly WaitingGroups<Resource> bySelector = new();

    /// <summary>The claims among them, by name.</summary>
    readonly Dictionary<string, IPClaim> claims = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>Everyone to whom a change of this pool may matter.</summary>
    public ServingOrder<Resource> For(string pool) => new(byPool.TryGetValue(pool, out var waiting) ? waiting.All.Concat(bySelector.All) : bySelector.All);

    /// <summary>How many wait for this pool by its name.</summary>
    public int CountOf(string pool) => byPool.TryGetValue(pool, out var waiting) ? waiting.Count : 0;

    /// <summary>Whether more or fewer wait.</summary>
    public bool Apply(IPClaim? before, IPClaim? after)
    {
        var (waited, waits) = (before?.IsWaiting() ?? false, after?.IsWaiting() ?? false);
        if (waited)
        {
            Remove(before!, before!.Spec.PoolRef?.Name);
            claims.Remove(Owner(before));
        }

        if (waits)
        {
            Add(after!, SpaceWish.Of(after!, isKept(Owner(after!))));
            claims.Add(Owner(after!), after!);
        }

        return waited != waits;
    }

    public void Apply(IPPoolClaim? before, IPPoolClaim? after)
    {
        if (before is not null && Waits(before)) Remove(before, before.Spec.ParentPoolRef?.Name);
        if (after is not null && Waits(after)) Add(after, SpaceWish.Of(after));
    }

    public void Apply(IPPool? before, IPPool? after)
    {
        if (before is not null && Waits(before)) Remove(before, before.Spec.ParentPoolRef!.Name);
        if (after is not null && Waits(after)) Add(after, SpaceWish.Of(after));
    }

    /// <summary>A block is kept for a claim of this name from here on, or no longer.</summary>
    public void Kept(string owner)
    {
        if (claims.TryGetValue(owner, out var claim)) Apply(claim, claim);
    }

    /// <summary>What an object says of the space it asks for.</summary>
    public static Finding? Said(Resource waiting) => waiting switch
    {
        IPClaim claim => claim.Said(),
        IPPoolClaim claim => claim.Status?.Conditions?.Found(ConditionTypes.Allocated),
        IPPool child => child.Status?.Conditions?.Found(ConditionTypes.Allocated),
        _ => null,
    };

    static bool Waits(IPPoolClaim claim) => !claim.Metadata.IsDeleting() && claim.Status?.Phase is not ClaimPhase.Bound;

    static bool Waits(IPPool pool) => pool.IsChild() && pool.Block() is null && !pool.Metadata.IsDeleting();

    static string Owner(IPClaim claim) => ClaimReport.Owner(claim.Namespace, claim.Name);

    void Add(Resource resource, SpaceWish wish)
    {
        var waiting = bySelector;
        if (wish.Pool is { } pool && !byPool.TryGetValue(pool, out waiting)) byPool.Add(pool, waiting = new());
        waiting.Put(wish, Said(resource), new(default, Arrival: 0, resource.Uid), resource);
        Count++;
    }

    void Remove(Resource resource, string? pool)
    {
        var waiting = pool is null ? bySelector : byPool[pool];
        waiting.Remove(resource.Uid);
        if (pool is not null && waiting.Count == 0) byPool.Remove(pool);
        Count--;
    }
}
