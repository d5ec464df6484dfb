using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Allocations that nobody made by the rules: whose name does not say their block, that lie outside their pool, overlap an
/// older one, or name a claim that holds another. They serve no claim; what they cover is not handed out as long as they are
/// there.
/// </summary>
sealed class Quarantine
{
    readonly SortedDictionary<string, (IPAllocation Allocation, string Why, bool CameLater)> inside = new(StringComparer.Ordinal);

    /// <summary>Every allocation in here, with what is wrong with it.</summary>
    public IEnumerable<(IPAllocation Allocation, string Why)> Inside => inside.Values.Select(static entry => (entry.Allocation, entry.Why));

    /// <summary>Whether an allocation is in here because another was there before it: that does not change by waiting.</summary>
    public bool CameLater(string allocation) => inside.TryGetValue(allocation, out var entry) && entry.CameLater;

    public bool Has(string allocation) => inside.ContainsKey(allocation);

    public bool HasAnyOf(string pool) => inside.Values.Any(entry => entry.Allocation.Spec.PoolRef?.Name == pool);

    public void Put(IPAllocation allocation, string why, bool cameLater = false) => inside[allocation.Name] = (allocation, why, cameLater);

    public void Remove(string allocation) => inside.Remove(allocation);

    public void Clear(string pool)
    {
        foreach (var name in inside.Where(entry => entry.Value.Allocation.Spec.PoolRef?.Name == pool).Select(static entry => entry.Key).ToList()) inside.Remove(name);
    }

    /// <summary>What is wrong with an allocation by itself; null when nothing is.</summary>
    public static string? Defect(IPAllocation allocation) => allocation.Spec switch
    {
        _ when !IsWhole(allocation) => "it does not say which block of which pool it is, and whose",
        { Cidr: { } block, PoolRef.Name: { } pool } when allocation.Name != IPAllocation.NameOf(pool, block) => $"the allocation of {block} of pool {pool} is named {IPAllocation.NameOf(pool, block)}",
        _ => null,
    };

    /// <summary>Whether it says everything an allocation must: one of an older definition may not.</summary>
    public static bool IsWhole(IPAllocation allocation) => allocation.Spec is { Cidr: not null, PoolRef.Name: { Length: > 0 }, ClaimRef: { Uid: { Length: > 0 }, Name: { Length: > 0 }, Namespace: { Length: > 0 } } };

    /// <summary>Holds what is free of a block, part by part.</summary>
    public static void HoldFree(PoolSpace space, Cidr block, Holder holder)
    {
        if (!space.Root.Overlaps(block)) return;
        if (!space.Root.Contains(block)) block = space.Root;
        HoldParts(space, block, holder);
    }

    /// <summary>Goes down only where something is held: as deep as a block is long, once for each held one.</summary>
    static void HoldParts(PoolSpace space, Cidr block, Holder holder)
    {
        if (space.TryHold(block, holder) || space.FindConflict(block) is not { } taken || taken.Block.Contains(block)) return;
        HoldParts(space, block.LowerHalf, holder);
        HoldParts(space, block.UpperHalf, holder);
    }
}
