using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// The claims that hold no block, in groups of those that ask for the same and were told the same; and how many ask for a
/// pool by its name: all a pool says of claims is how many they are.
/// </summary>
sealed class WaitingClaims(Action<string> touch)
{
    readonly WaitingGroups<IPClaim> groups = new();
    readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    /// <summary>Which claim came before which, of those made while we watch: creation is known to the second, and uids need not say.</summary>
    readonly Dictionary<string, long> arrivals = new(StringComparer.Ordinal);

    bool isWatching;
    long arrived;

    public int CountOf(string pool) => counts.GetValueOrDefault(pool);

    /// <summary>One pass over all of them, oldest first.</summary>
    public ServingOrder<IPClaim> InOrder() => new(groups.All);

    /// <summary>Whether some claim still waits for room in this pool.</summary>
    public bool IsAwaited(string name, IPPool? pool) => groups.All.Any(group => group.Wish.Pool is { } asked
        ? asked == name
        : pool is not null && group.Oldest.Item.Spec.PoolSelector!.Matches(pool.Metadata.Labels));

    /// <summary>All that existed is here: who comes from here on comes after them.</summary>
    public void Watch() => isWatching = true;

    public void Apply(IPClaim? before, IPClaim? after)
    {
        if (before is not null && after?.Uid != before.Uid) Forget(before.Uid);
        if (isWatching && after is not null && after.Uid != before?.Uid) arrivals.TryAdd(after.Uid, ++arrived);
        if (after?.IsWaiting() ?? false)
        {
            groups.Put(SpaceWish.Of(after), after.Said(), new(after.Metadata.CreationTimestamp ?? default, arrivals.GetValueOrDefault(after.Uid), after.Uid), after);
        }
        else if (after is not null)
        {
            Forget(after.Uid); // should it wait again, it came before whoever is waiting
        }

        Count(before, after);
    }

    void Forget(string uid)
    {
        arrivals.Remove(uid);
        groups.Remove(uid);
    }

    void Count(IPClaim? before, IPClaim? after)
    {
        var (waited, waits) = (before?.IsWaiting() ?? false, after?.IsWaiting() ?? false);
        if (waited == waits || (before ?? after)!.Spec.PoolRef?.Name is not { } pool) return;

        counts[pool] = counts.GetValueOrDefault(pool) + (waits ? 1 : -1);
        if (counts[pool] == 0) counts.Remove(pool);
        touch(pool);
    }
}
