using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Inventory;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Compares, for as long as the hub runs, what edges report with what is recorded for them, and what pools say with what
/// is in them. It changes nothing but what is said: condition <c>Consistent</c>, and a metric.
/// </summary>
sealed class Auditor(ObjectStore store, InventoryBook inventories, HubMetrics metrics, TimeProvider time)
{
    static readonly TimeSpan Beat = TimeSpan.FromMinutes(1);

    /// <summary>Pools that did not add up at the last look: what a pool says may lie behind what is in it for a moment.</summary>
    readonly SortedDictionary<string, string> doubtful = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat, time);
        while (await timer.WaitForNextTickAsync(cancel)) await AuditPoolsAsync(cancel);
    }

    /// <summary>Looks into an inventory that has just come in.</summary>
    public async Task AuditAsync(EdgeInventory inventory, CancellationToken cancel)
    {
        var leases = store.Current.All<IPLease>().Where(static lease => lease.Status?.Phase is LeasePhase.Active or LeasePhase.Draining or LeasePhase.Revoked).ToList();
        var held = leases.Where(lease => lease.Spec.EdgeName == inventory.Edge).ToDictionary(static lease => lease.Name, static lease => lease.Spec.Cidr!.Value, StringComparer.Ordinal);
        List<Inconsistency> found = [.. Shared(inventory, leases, held.Values), .. InventoryAudit.Of(inventory, held)];
        foreach (var inconsistency in found) metrics.Found(inconsistency);

        var finding = Finding(found, $"{held.Count} leases and {inventory.Entries.Count} allocations were compared");
        await store.WriteOwnAsync("auditor", transaction => Say(transaction, inventory.Edge, finding), cancel);
    }

    /// <summary>Allocations of other edges in blocks that this one holds too.</summary>
    IEnumerable<Inconsistency> Shared(EdgeInventory inventory, List<IPLease> leases, IReadOnlyCollection<Cidr> held)
    {
        foreach (var others in leases.Where(lease => lease.Spec.EdgeName != inventory.Edge && held.Any(block => block.Overlaps(lease.Spec.Cidr!.Value))).GroupBy(static lease => lease.Spec.EdgeName!, StringComparer.Ordinal))
        {
            if (inventories.Of(others.Key)?.Inventory is not { } other) continue;
            if (InventoryAudit.Between(inventory, other, [.. others.Select(static lease => lease.Spec.Cidr!.Value)]) is { } shared) yield return shared;
        }
    }

    static bool Say(Transaction transaction, string name, Finding finding)
    {
        if (transaction.Find<Edge>(null, name) is not { } edge) return false;
        transaction.PutIfChanged(edge with { Status = (edge.Status ?? new()) with { Conditions = (edge.Status?.Conditions ?? []).With([finding], edge.Metadata.Generation ?? 1, transaction.Now) } });
        return true;
    }

    /// <summary>One look at every root pool. Of one that always added up nothing is said.</summary>
    internal async Task AuditPoolsAsync(CancellationToken cancel)
    {
        var snapshot = store.Current;
        var sums = Sums(snapshot);
        foreach (var pool in snapshot.All<IPPool>().Where(static pool => !pool.IsChild()).ToList())
        {
            var wrong = Wrong(pool, sums.GetValueOrDefault(pool.Name));
            var isSure = wrong is null || (doubtful.TryGetValue(pool.Name, out var before) && before == wrong);
            if (wrong is null) doubtful.Remove(pool.Name);
            else doubtful[pool.Name] = wrong;
            if (!isSure) continue;

            Inconsistency? found = wrong is null ? null : new(Reasons.CapacityMismatch, wrong, Count: 1);
            if (found is not null) metrics.Found(found);
            var finding = Finding(found is null ? [] : [found], "what the pool holds adds up");
            var said = pool.Status?.Conditions?.Find(ConditionTypes.Consistent);
            if (said is null ? found is null : said.Status == finding.Status && said.Message == finding.Message) continue;
            await store.WriteOwnAsync("auditor", transaction => Say(transaction, pool, finding), cancel);
        }
    }

    static bool Say(Transaction transaction, IPPool seen, Finding finding)
    {
        if (transaction.Find<IPPool>(null, seen.Name) is not { } pool || pool.Uid != seen.Uid) return false;
        transaction.PutIfChanged(pool with { Status = (pool.Status ?? new()) with { Conditions = (pool.Status?.Conditions ?? []).With([finding], pool.Metadata.Generation ?? 1, transaction.Now) } });
        return true;
    }

    /// <summary>What is in each root pool, counted from the objects: for claims and child pools, and for edges.</summary>
    static SortedDictionary<string, (AddressCount Allocated, AddressCount Leased, bool IsContested)> Sums(Snapshot snapshot)
    {
        SortedDictionary<string, (AddressCount Allocated, AddressCount Leased, bool IsContested)> sums = new(StringComparer.Ordinal);
        foreach (var allocation in snapshot.All<IPAllocation>().Where(static allocation => allocation.Status?.Phase is not AllocationPhase.Resting)) Add(allocation.Spec.PoolRef!.Name!, allocation.Spec.Cidr!.Value.Count, default);
        foreach (var pool in snapshot.All<IPPool>().Where(static pool => pool.IsChild() && pool.Block() is not null)) Add(pool.Spec.ParentPoolRef!.Name!, pool.Block()!.Value.Count, default);
        foreach (var lease in snapshot.All<IPLease>().Where(static lease => lease.Status?.Phase is not LeasePhase.Released)) Add(lease.Spec.PoolRef!.Name!, default, lease.Spec.Cidr!.Value.Count, lease.Status?.Contested is true);
        return sums;

        void Add(string pool, AddressCount allocated, AddressCount leased, bool isContested = false)
        {
            var sum = sums.GetValueOrDefault(pool);
            sums[pool] = (sum.Allocated + allocated, isContested ? sum.Leased : sum.Leased + leased, sum.IsContested || isContested);
        }
    }

    /// <summary>What of a pool's report does not add up; null when all does, or blocks are contested and count for two.</summary>
    static string? Wrong(IPPool pool, (AddressCount Allocated, AddressCount Leased, bool IsContested) sum)
    {
        if (sum.IsContested || pool.Status?.Capacity is not { } said) return null;
        if (said.Total != pool.Spec.Cidr!.Value.Count.ToString()) return $"pool {pool.Name} says that it has {said.Total} addresses; {pool.Spec.Cidr} has {pool.Spec.Cidr.Value.Count}";
        if (said.Allocated != sum.Allocated.ToString()) return $"pool {pool.Name} says that {said.Allocated} addresses are allocated; its allocations and child pools have {sum.Allocated}";
        return said.Leased == sum.Leased.ToString() ? null : $"pool {pool.Name} says that {said.Leased} addresses are lent; its leases have {sum.Leased}";
    }

    static Finding Finding(IReadOnlyList<Inconsistency> found, string nothing) => found switch
    {
        [] => new(ConditionTypes.Consistent, ConditionStatus.True, Reasons.NothingFound, nothing),
        [{ Count: 1 } only] => new(ConditionTypes.Consistent, ConditionStatus.False, only.Reason, only.Message),
        [var worst, ..] => new(ConditionTypes.Consistent, ConditionStatus.False, worst.Reason, $"{worst.Message}; {found.Sum(static inconsistency => inconsistency.Count)} findings in all"),
    };
}
