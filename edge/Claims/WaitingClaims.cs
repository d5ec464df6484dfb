using Federation.Resources;

namespace Federation.Edge;

/// <summary>How many claims ask for a pool by its name and hold no block: all a pool says of claims is how many they are.</summary>
sealed class WaitingClaims(Action<string> touch)
{
    readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public int CountOf(string pool) => counts.GetValueOrDefault(pool);

    public void Apply(IPClaim? before, IPClaim? after)
    {
        var (waited, waits) = (before?.IsWaiting() ?? false, after?.IsWaiting() ?? false);
        if (waited == waits || (before ?? after)!.Spec.PoolRef?.Name is not { } pool) return;

        counts[pool] = counts.GetValueOrDefault(pool) + (waits ? 1 : -1);
        if (counts[pool] == 0) counts.Remove(pool);
        touch(pool);
    }
}
