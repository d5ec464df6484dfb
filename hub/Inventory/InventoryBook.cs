using System.Collections.Concurrent;
using Federation.Domain.Inventory;
using Federation.Domain.Plans;

namespace Federation.Hub;

/// <summary>An edge's inventory with the moment it was taken in.</summary>
/// <param name="ObservedAt">By the hub's calendar, for people.</param>
/// <param name="Mark">By the hub's clock that only goes forward.</param>
sealed record KeptInventory(EdgeInventory Inventory, DateTimeOffset ObservedAt, long Mark);

/// <summary>
/// The last inventory of each edge, kept in memory: it is derived, and asked for again when it is old or the hub started.
/// So many are on their way at once at most, and so many entries are kept over all.
/// </summary>
sealed class InventoryBook(TimeProvider time, HubOptions options)
{
    /// <summary>Allocations in one report.</summary>
    public const int EntriesMax = 500_000;

    /// <summary>Allocations kept over all edges.</summary>
    public const int EntriesMaxOverAll = 2_000_000;

    const int AskedMax = 8;

    /// <summary>What was asked and did not come by then may be asked again.</summary>
    static readonly TimeSpan AnswerWithin = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<string, KeptInventory> kept = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, (string ReportId, long Mark)> asked = new(StringComparer.Ordinal);

    public KeptInventory? Of(string edge) => kept.GetValueOrDefault(edge);

    /// <summary>All there are, by edge.</summary>
    public IReadOnlyList<KeptInventory> All => [.. kept.Values.OrderBy(static inventory => inventory.Inventory.Edge, StringComparer.Ordinal)];

    public TimeSpan Age(KeptInventory inventory) => time.GetElapsedTime(inventory.Mark);

    /// <summary>The id under which an edge's inventory is wanted now; null while there is no need, or others come first.</summary>
    public string? Ask(string edge)
    {
        if (Of(edge) is { } known && Age(known) < options.InventoryEvery) return null;
        if (asked.TryGetValue(edge, out var last) && IsOpen(last)) return null;
        if (asked.Values.Count(IsOpen) >= AskedMax) return null;

        var mark = time.GetTimestamp();
        var reportId = NameUuid.Of($"{edge}/{mark}").ToString();
        asked[edge] = (reportId, mark);
        return reportId;
    }

    /// <summary>Whether this report was asked for and did not come yet.</summary>
    public bool IsWanted(string edge, string reportId) => asked.TryGetValue(edge, out var last) && last.ReportId == reportId;

    /// <summary>Takes an inventory in; false when that would be more than is kept.</summary>
    public bool TryKeep(EdgeInventory inventory)
    {
        var others = kept.Values.Where(other => other.Inventory.Edge != inventory.Edge).Sum(static other => (long)other.Inventory.Entries.Count);
        if (others + inventory.Entries.Count > EntriesMaxOverAll) return false;

        kept[inventory.Edge] = new(inventory, time.GetUtcNow(), time.GetTimestamp());
        asked.TryRemove(inventory.Edge, out _);
        return true;
    }

    public void Forget(string edge)
    {
        kept.TryRemove(edge, out _);
        asked.TryRemove(edge, out _);
    }

    bool IsOpen((string ReportId, long Mark) ask) => time.GetElapsedTime(ask.Mark) < AnswerWithin;
}
