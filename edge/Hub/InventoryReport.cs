using Federation.Domain.Addressing;
using Federation.Proto.V1;
using Federation.Resources;
using ClaimReference = Federation.Proto.V1.ClaimReference;

namespace Federation.Edge;

/// <summary>Everything that is allocated in the edge's leased blocks, as one moment's report to the hub.</summary>
sealed class InventoryReport(AgentState state, LeaseReport report)
{
    const int EntriesMax = 2_000;

    /// <summary>At least one chunk for each lease, all of the same moment.</summary>
    public IReadOnlyList<InventoryChunk> Chunks(string incarnation, string reportId) =>
        [.. state.Leases.Held.Where(static held => held.Grant.Confirmed is true).SelectMany(held => Chunks(held.Claim, held.Grant, incarnation, reportId))];

    IEnumerable<InventoryChunk> Chunks(IPPoolClaim claim, LeaseGrant grant, string incarnation, string reportId)
    {
        var entries = Entries(claim.Status?.BoundPoolName, grant.Cidr!.Value).ToList();
        var parts = entries.Count == 0 ? [[]] : entries.Chunk(EntriesMax).ToList();
        foreach (var (index, part) in parts.Index())
        {
            var chunk = new InventoryChunk { Edge = state.Options.Name, Incarnation = incarnation, ReportId = reportId, LeaseId = grant.Id, Epoch = grant.Epoch ?? 0 };
            if (index == 0) chunk.Usage = report.UsageOf(claim, grant);
            chunk.Entries.AddRange(part);
            yield return chunk;
        }
    }

    /// <summary>An allocation belongs to the lease it begins in: in a block that has grown it may reach into the next.</summary>
    IEnumerable<InventoryEntry> Entries(string? pool, Cidr block)
    {
        if (pool is null || state.Book.Space(pool) is not { } space) yield break;
        foreach (var (held, holder) in space.Held(block))
        {
            if (holder.Kind is not HoldKind.Allocation || !block.Contains(Cidr.Of(held.Network, held.Width, held.Width))) continue;
            yield return Entry(pool, held, holder.Owner);
        }
    }

    InventoryEntry Entry(string pool, Cidr block, string owner)
    {
        var entry = new InventoryEntry { Cidr = block.ToString() };
        if (state.Allocations.Get(null, IPAllocation.NameOf(pool, block)) is { Spec.ClaimRef: { } claim } allocation)
        {
            entry.Claim = new() { Namespace = claim.Namespace, Name = claim.Name, Uid = claim.Uid };
            entry.Orphan = allocation.Status?.Phase is not AllocationPhase.Retained && state.Claims.Get(claim.Namespace, claim.Name!)?.Uid != claim.Uid;
        }
        else if (owner.Split('/') is [var ns, var name])
        {
            entry.Claim = new ClaimReference { Namespace = ns, Name = name }; // taken, and being written
        }

        return entry;
    }
}
