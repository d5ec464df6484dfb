using System.Collections.Immutable;
using Federation.Domain.Addressing;
using Federation.Kubernetes;
using Federation.Resources;
using Pool = Federation.Proto.V1.Pool;

namespace Federation.Edge;

/// <summary>Mirrors the hub's root pools as read-only pools of the same names, so that claims mean the same at both.</summary>
sealed class PoolCatalogue(AgentState state, StatusWriter statuses)
{
    public async Task TakeAllAsync(IEnumerable<Pool> offered, CancellationToken cancel)
    {
        var pools = offered.ToList();
        foreach (var pool in pools) await TakeAsync(pool, cancel);
        foreach (var gone in state.Pools.Items.Where(pool => pool.IsMirror() && pools.TrueForAll(offer => offer.Name != pool.Name)).ToList()) await RemoveAsync(gone.Name, cancel);
    }

    /// <summary>Creates or renews one mirror. A pool of the name that is somebody else's is left alone.</summary>
    public async Task TakeAsync(Pool offered, CancellationToken cancel)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                await MirrorAsync(Mirror(offered), cancel);
                return;
            }
            catch (KubernetesApiException e) when (e.IsConflict || e.IsAlreadyExists)
            {
                if (await state.Api.GetAsync<IPPool>(null, offered.Name, cancel) is { } current) state.Pools.Observe(current);
            }
        }
    }

    /// <summary>Removes a mirror the hub no longer offers. Child pools keep what they hold; only new room ends.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        if (state.Pools.Get(null, name) is not { } mirror || !mirror.IsMirror()) return;
        await state.Api.DeleteAsync<IPPool>(null, name, new DeleteOptions { Uid = mirror.Uid }, cancel);
    }

    async Task MirrorAsync(IPPool wanted, CancellationToken cancel)
    {
        var current = state.Pools.Get(null, wanted.Name);
        if (current is not null && !current.IsMirror()) return;
        if (current is not null && current.Spec.Cidr != wanted.Spec.Cidr)
        {
            await RemoveAsync(current.Name, cancel);
            current = null;
        }

        if (current is null)
        {
            current = await state.Api.CreateAsync(wanted, cancel: cancel);
            state.Pools.Observe(current);
        }
        else if (!ResourceJson.Same(current.Spec, wanted.Spec) || !ResourceJson.Same(current.Metadata.Labels, wanted.Metadata.Labels))
        {
            current = await state.Api.ReplaceAsync(current with { Spec = wanted.Spec, Metadata = current.Metadata with { Labels = wanted.Metadata.Labels, Annotations = wanted.Metadata.Annotations } }, cancel);
            state.Pools.Observe(current);
        }

        await statuses.WriteAsync(current, current with { Status = wanted.Status! with { ObservedGeneration = current.Metadata.Generation, Conditions = current.Status?.Conditions } }, state.Pools, cancel);
    }

    static IPPool Mirror(Pool offered) => new()
    {
        Metadata = new()
        {
            Name = offered.Name,
            Labels = offered.Labels.Count == 0 ? null : offered.Labels.ToImmutableSortedDictionary(),
            Annotations = ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.MirroredAnnotation, offered.Uid),
        },
        Spec = new()
        {
            Cidr = Cidr.Parse(offered.Cidr),
            Allocation = new()
            {
                Strategy = (PlacementStrategy)(int)offered.Allocation.Strategy,
                MinPrefixLength = offered.Allocation.HasMinPrefixLength ? offered.Allocation.MinPrefixLength : null,
                MaxPrefixLength = offered.Allocation.HasMaxPrefixLength ? offered.Allocation.MaxPrefixLength : null,
                DefaultPrefixLength = offered.Allocation.HasDefaultPrefixLength ? offered.Allocation.DefaultPrefixLength : null,
                ReuseDelaySeconds = offered.Allocation.ReuseDelay?.Seconds,
            },
            Reservations = offered.Reservations.Count == 0 ? null : [.. offered.Reservations.Select(static text => Cidr.Parse(text))],
            Leasing = new()
            {
                Enabled = offered.Leasing.Enabled,
                MinPrefixLength = offered.Leasing.HasMinPrefixLength ? offered.Leasing.MinPrefixLength : null,
                MaxPrefixLength = offered.Leasing.HasMaxPrefixLength ? offered.Leasing.MaxPrefixLength : null,
                DefaultPrefixLength = offered.Leasing.HasDefaultPrefixLength ? offered.Leasing.DefaultPrefixLength : null,
                MaxLeasesPerEdge = offered.Leasing.HasMaxLeasesPerEdge ? offered.Leasing.MaxLeasesPerEdge : null,
            },
        },
        Status = new()
        {
            Phase = (PoolPhase)(int)offered.Phase,
            AllocatedCIDR = Cidr.Parse(offered.Cidr),
            IpFamily = (IPFamily)(int)offered.IpFamily,
            Capacity = new() { Total = offered.Capacity.Total, Allocated = offered.Capacity.Allocated, Leased = offered.Capacity.Leased, Available = offered.Capacity.Available },
            UtilizationPercent = offered.UtilizationPercent,
            LargestFreePrefixLength = offered.HasLargestFreePrefixLength ? offered.LargestFreePrefixLength : null,
        },
    };
}
