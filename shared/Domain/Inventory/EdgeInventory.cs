using Federation.Domain.Addressing;

namespace Federation.Domain.Inventory;

/// <summary>An allocation at an edge, as the edge reported it.</summary>
/// <param name="Lease">The lease it was reported under.</param>
/// <param name="IsOrphan">Whether the edge has no claim for it.</param>
public sealed record InventoryEntry(Cidr Block, string Lease, string Namespace, string Claim, string Uid, bool IsOrphan)
{
    /// <summary>How messages name it.</summary>
    public string Owner => $"{Namespace}/{Claim}";
}

/// <summary>What an edge counts as used of one lease.</summary>
/// <param name="Counted">By its own count; null when it did not say.</param>
public sealed record InventoryCount(string Lease, AddressCount? Counted);

/// <summary>Everything an edge has allocated at one moment. Immutable; looked up by address in as many steps as there are sizes.</summary>
public sealed class EdgeInventory
{
    readonly Dictionary<Cidr, InventoryEntry> byBlock;
    readonly IReadOnlyList<int> lengths;

    public EdgeInventory(string edge, IReadOnlyList<InventoryEntry> entries, IReadOnlyList<InventoryCount> counts)
    {
        (Edge, Counts) = (edge, counts);
        Entries = [.. entries.OrderBy(static entry => entry.Block.Width).ThenBy(static entry => entry.Block.Network).ThenBy(static entry => entry.Block.Length)];
        byBlock = new(Entries.Count);
        foreach (var entry in Entries) byBlock.TryAdd(entry.Block, entry);
        lengths = [.. Entries.Select(static entry => entry.Block.Length).Distinct().OrderDescending()];
    }

    public string Edge { get; }

    /// <summary>In order of their addresses.</summary>
    public IReadOnlyList<InventoryEntry> Entries { get; }

    public IReadOnlyList<InventoryCount> Counts { get; }

    /// <summary>The smallest allocation that holds an address; null when none does.</summary>
    public InventoryEntry? Find(Cidr address)
    {
        foreach (var length in lengths)
        {
            if (length <= address.Length && byBlock.TryGetValue(Cidr.Of(address.Network, length, address.Width), out var entry)) return entry;
        }

        return null;
    }
}
