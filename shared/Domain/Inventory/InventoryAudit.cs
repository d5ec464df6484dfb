using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Domain.Inventory;

/// <summary>Something that does not go together.</summary>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">One example, for people.</param>
/// <param name="Count">How often it was found.</param>
public sealed record Inconsistency(string Reason, string Message, int Count);

/// <summary>Compares what an edge reports with what the hub has lent it, and the report with itself. Pure.</summary>
public static class InventoryAudit
{
    /// <summary>What is wrong, the worst first; nothing when all goes together.</summary>
    /// <param name="held">The blocks the edge holds at the hub, by lease.</param>
    public static IReadOnlyList<Inconsistency> Of(EdgeInventory inventory, IReadOnlyDictionary<string, Cidr> held) =>
    [
        .. new[] { Overlaps(inventory), Outside(inventory, held), Orphans(inventory), Miscounted(inventory, held) }.OfType<Inconsistency>(),
    ];

    /// <summary>Allocations of two edges that share addresses, in blocks both hold.</summary>
    public static Inconsistency? Between(EdgeInventory one, EdgeInventory other, IReadOnlyList<Cidr> contested)
    {
        var shared = one.Entries.Where(entry => contested.Any(entry.Block.Overlaps))
            .SelectMany(entry => other.Entries.Where(theirs => theirs.Block.Overlaps(entry.Block)).Select(theirs => (Ours: entry, Theirs: theirs))).ToList();
        return shared is [var (ours, theirs), ..]
            ? new(Reasons.OverlapFound, $"{ours.Block} of {ours.Owner} at edge {one.Edge} overlaps {theirs.Block} of {theirs.Owner} at edge {other.Edge}", shared.Count)
            : null;
    }

    static Inconsistency? Overlaps(EdgeInventory inventory)
    {
        (InventoryEntry Entry, InventoryEntry Widest)? first = null;
        var (count, widest) = (0, default(InventoryEntry));
        foreach (var entry in inventory.Entries)
        {
            if (widest is not null && widest.Block.Overlaps(entry.Block))
            {
                count++;
                first ??= (entry, widest);
                continue;
            }

            widest = entry;
        }

        return first is var (one, other) ? new(Reasons.OverlapFound, $"{one.Block} of {one.Owner} overlaps {other.Block} of {other.Owner} at edge {inventory.Edge}", count) : null;
    }

    static Inconsistency? Outside(EdgeInventory inventory, IReadOnlyDictionary<string, Cidr> held)
    {
        var blocks = held.Values.Order().ToList();
        var stray = inventory.Entries.Where(entry => !(held.TryGetValue(entry.Lease, out var lease) && lease.Contains(entry.Block)) && !IsCovered(entry.Block, blocks)).ToList();
        if (stray is not [var first, ..]) return null;
        var where = held.TryGetValue(first.Lease, out var block) ? $"lies outside lease {first.Lease}, {block}" : $"is reported of lease {first.Lease}, which the edge does not hold";
        return new(Reasons.OutsideBlock, $"{first.Block} of {first.Owner} {where}", stray.Count);
    }

    /// <summary>Whether blocks cover another between them: one that has grown has several leases.</summary>
    static bool IsCovered(Cidr block, IReadOnlyList<Cidr> blocks)
    {
        if (blocks.Any(other => other.Contains(block))) return true;
        var inside = blocks.Where(block.Contains).ToList();
        return inside.Count > 1 && IsCovered(block.LowerHalf, inside) && IsCovered(block.UpperHalf, inside);
    }

    static Inconsistency? Orphans(EdgeInventory inventory)
    {
        var orphans = inventory.Entries.Where(static entry => entry.IsOrphan).ToList();
        return orphans is [var first, ..] ? new(Reasons.UnknownClaim, $"{first.Block} at edge {inventory.Edge} has no claim", orphans.Count) : null;
    }

    static Inconsistency? Miscounted(EdgeInventory inventory, IReadOnlyDictionary<string, Cidr> held)
    {
        var wrong = inventory.Counts.Where(count => count.Counted is not null && held.ContainsKey(count.Lease))
            .Select(count => (count.Lease, Said: count.Counted!.Value, Found: Within(held[count.Lease], inventory))).Where(static count => count.Said != count.Found).ToList();
        return wrong is [var (lease, said, found), ..]
            ? new(Reasons.CapacityMismatch, $"edge {inventory.Edge} says that {said} addresses of lease {lease} are allocated; its inventory has {found}", wrong.Count)
            : null;
    }

    /// <summary>Addresses of a block that are allocated; an allocation may reach beyond it.</summary>
    static AddressCount Within(Cidr block, EdgeInventory inventory)
    {
        var sum = AddressCount.Zero;
        foreach (var entry in inventory.Entries)
        {
            if (entry.Block.Contains(block)) return block.Count;
            if (block.Contains(entry.Block)) sum += entry.Block.Count;
        }

        return sum;
    }
}
