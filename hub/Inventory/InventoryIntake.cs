using Federation.Domain.Addressing;
using Federation.Domain.Inventory;
using Federation.Proto.V1;
using Federation.Rpc;
using Grpc.Core;
using InventoryEntry = Federation.Domain.Inventory.InventoryEntry;

namespace Federation.Hub;

/// <summary>Reads the chunks of one report into an inventory, whole or not at all.</summary>
sealed class InventoryIntake(string edge)
{
    const int ChunkMax = 10_000;
    const int TextMax = 253;

    readonly List<InventoryEntry> entries = [];
    readonly SortedDictionary<string, AddressCount?> counts = new(StringComparer.Ordinal);

    public int Count => entries.Count;

    /// <exception cref="RpcException">The chunk is malformed, or there are too many.</exception>
    public void Take(InventoryChunk chunk)
    {
        if (chunk.LeaseId.Length is 0 or > TextMax) throw Malformed("lease_id", $"must have 1 to {TextMax} characters");
        if (chunk.Entries.Count > ChunkMax) throw Malformed("entries", $"at most {ChunkMax} in one chunk");
        if (entries.Count + chunk.Entries.Count > InventoryBook.EntriesMax) throw Malformed("entries", $"at most {InventoryBook.EntriesMax} in one report");
        foreach (var entry in chunk.Entries) entries.Add(Read(chunk.LeaseId, entry));

        AddressCount? counted = chunk.Usage is null ? null : AddressCount.TryParse(chunk.Usage.Allocated, out var said) ? said : throw Malformed("usage.allocated", "must be a count of addresses");
        counts[chunk.LeaseId] = counted ?? counts.GetValueOrDefault(chunk.LeaseId);
    }

    public EdgeInventory Whole() => new(edge, entries, [.. counts.Select(static count => new InventoryCount(count.Key, count.Value))]);

    static InventoryEntry Read(string lease, Proto.V1.InventoryEntry entry)
    {
        if (!Cidr.TryParse(entry.Cidr, out var block)) throw Malformed("entries.cidr", CidrText.Explain(entry.Cidr));
        var claim = entry.Claim ?? new();
        if (claim.Namespace.Length > TextMax || claim.Name.Length > TextMax || claim.Uid.Length > TextMax) throw Malformed("entries.claim", $"must have {TextMax} characters at most");
        return new(block, lease, claim.Namespace, claim.Name, claim.Uid, entry.Orphan);
    }

    static RpcException Malformed(string field, string rule) =>
        RpcFailure.Create(StatusCode.InvalidArgument, ErrorReason.InvalidRequest, $"{field}: {rule}", new Dictionary<string, string> { ["field"] = field });
}
