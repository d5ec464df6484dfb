using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Adds up, per edge and per root pool, what edges last said is used of their leases. Written only where it changed.</summary>
sealed class UsageRollUp(ObjectStore store)
{
    public async Task RefreshAsync(CancellationToken cancel)
    {
        var snapshot = store.Current;
        SortedDictionary<string, Sum> edges = new(StringComparer.Ordinal), pools = new(StringComparer.Ordinal);
        foreach (var lease in snapshot.All<IPLease>().Where(static lease => lease.Status?.Phase is LeasePhase.Active or LeasePhase.Draining or LeasePhase.Revoked))
        {
            var used = AddressCount.TryParse(lease.Status?.Usage?.Allocated, out var said) ? said : AddressCount.Zero;
            var of = new Sum(lease.Spec.Cidr!.Value.Count, used);
            edges[lease.Spec.EdgeName!] = edges.GetValueOrDefault(lease.Spec.EdgeName!).Plus(of);
            if (lease.Status!.Contested is not true) pools[lease.Spec.PoolRef!.Name!] = pools.GetValueOrDefault(lease.Spec.PoolRef.Name!).Plus(of);
        }

        var otherEdges = snapshot.All<Edge>().Where(edge => !ResourceJson.Same(edge.Status?.Capacity, edges.GetValueOrDefault(edge.Name).ToCapacity())).Select(static edge => edge.Name).ToList();
        var otherPools = snapshot.All<IPPool>().Where(pool => !pool.IsChild() && !ResourceJson.Same(pool.Status?.Usage, pools.GetValueOrDefault(pool.Name).ToUsage())).Select(static pool => pool.Name).ToList();
        if (otherEdges.Count + otherPools.Count > 0) await store.WriteOwnAsync("hub", transaction => Write(transaction, otherEdges, edges, otherPools, pools), cancel);
    }

    static int Write(Transaction transaction, List<string> otherEdges, SortedDictionary<string, Sum> edges, List<string> otherPools, SortedDictionary<string, Sum> pools)
    {
        foreach (var name in otherEdges)
        {
            if (transaction.Find<Edge>(null, name) is { } edge) transaction.PutIfChanged(edge with { Status = (edge.Status ?? new()) with { Capacity = edges.GetValueOrDefault(name).ToCapacity() } });
        }

        foreach (var name in otherPools)
        {
            if (transaction.Find<IPPool>(null, name) is { } pool) transaction.PutIfChanged(pool with { Status = (pool.Status ?? new()) with { Usage = pools.GetValueOrDefault(name).ToUsage() } });
        }

        return otherEdges.Count + otherPools.Count;
    }

    /// <summary>Addresses in leased blocks, and those of them that are allocated.</summary>
    readonly record struct Sum(AddressCount Total, AddressCount Allocated)
    {
        public Sum Plus(Sum other) => new(Total + other.Total, Allocated + other.Allocated);

        /// <summary>Null where nothing is lent: nothing is said of it then.</summary>
        public PoolCapacity? ToCapacity() => Total.IsZero ? null : new() { Total = Total.ToString(), Allocated = Allocated.ToString(), Available = (Total - Allocated).ToString() };

        /// <inheritdoc cref="ToCapacity"/>
        public LeaseUsage? ToUsage() => Total.IsZero ? null : new() { Total = Total.ToString(), Allocated = Allocated.ToString() };
    }
}
