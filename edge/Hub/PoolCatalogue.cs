using System.Collections.Immutable;
using Federation.Kubernetes;
using Federation.Resources;
using Pool = Federation.Proto.V1.Pool;

namespace Federation.Edge;

/// <summary>Mirrors the hub's root pools as read-only pools of the same names, so that claims mean the same at both.</summary>
sealed class PoolCatalogue(AgentState state, StatusWriter statuses, ILogger<PoolCatalogue> log)
{
    public async Task TakeAllAsync(IEnumerable<Pool> offered, CancellationToken cancel)
    {
        var pools = offered.ToList();
        foreach (var pool in pools) await TakeAsync(pool, cancel);
        foreach (var gone in state.Pools.Items.Where(pool => pool.IsMirror() && pools.TrueForAll(offer => offer.Name != pool.Name)).ToList()) await RemoveAsync(gone.Name, cancel);
    }

    /// <summary>Creates or renews one mirror. A pool of the name that is somebody else's is left alone, and so is a mirror of which the hub says what makes no sense.</summary>
    public async Task TakeAsync(Pool offered, CancellationToken cancel)
    {
        if (HubAnswers.Mirror(offered) is not { } mirror)
        {
            log.PoolIgnored(offered.Name, "it makes no sense");
            return;
        }

        for (var attempt = 0; attempt < 3; attempt++)
        {
            try
            {
                await MirrorAsync(mirror, cancel);
                return;
            }
            catch (KubernetesApiException e) when (e.IsConflict || e.IsAlreadyExists)
            {
                if (await state.Api.GetAsync<IPPool>(null, mirror.Name, cancel) is { } current) state.Pools.Observe(current);
            }
            catch (KubernetesApiException e) when (e.IsInvalid)
            {
                log.PoolIgnored(mirror.Name, e.Status.Message ?? "");
                return;
            }
        }
    }

    /// <summary>
    /// Removes a mirror the hub no longer offers. One with child pools stays, and says that it is withdrawn: what was lent of it
    /// holds, only new room ends.
    /// </summary>
    public async Task RemoveAsync(string name, CancellationToken cancel)
    {
        if (state.Pools.Get(null, name) is not { } mirror || !mirror.IsMirror()) return;
        if (state.Book.Pools.Any(pool => pool.Spec.ParentPoolRef?.Name == name)) await WithdrawAsync(mirror, cancel);
        else await state.Api.DeleteAsync<IPPool>(null, name, new DeleteOptions { Uid = mirror.Uid }, cancel);
    }

    async Task WithdrawAsync(IPPool mirror, CancellationToken cancel)
    {
        if (mirror.IsWithdrawn()) return;
        log.PoolWithdrawn(mirror.Name);
        var annotations = (mirror.Metadata.Annotations ?? ImmutableSortedDictionary<string, string>.Empty).SetItem(EdgeNames.WithdrawnAnnotation, "true");
        state.Pools.Observe(await state.Api.ReplaceAsync(mirror with { Metadata = mirror.Metadata with { Annotations = annotations } }, cancel));
    }

    async Task MirrorAsync(IPPool wanted, CancellationToken cancel)
    {
        var current = state.Pools.Get(null, wanted.Name);
        if (current is not null && !current.IsMirror()) return;
        if (current is not null && current.Spec.Cidr != wanted.Spec.Cidr)
        {
            await RemoveAsync(current.Name, cancel);
            if (state.Book.Pools.Any(pool => pool.Spec.ParentPoolRef?.Name == wanted.Name)) return;
            current = null;
        }

        if (current is null)
        {
            current = await state.Api.CreateAsync(wanted, cancel: cancel);
            state.Pools.Observe(current);
        }
        else if (current.IsWithdrawn() || !ResourceJson.Same(current.Spec, wanted.Spec) || !ResourceJson.Same(current.Metadata.Labels, wanted.Metadata.Labels))
        {
            current = await state.Api.ReplaceAsync(current with { Spec = wanted.Spec, Metadata = current.Metadata with { Labels = wanted.Metadata.Labels, Annotations = wanted.Metadata.Annotations } }, cancel);
            state.Pools.Observe(current);
        }

        await statuses.WriteAsync(current, current with { Status = wanted.Status! with { ObservedGeneration = current.Metadata.Generation, Conditions = current.Status?.Conditions } }, state.Pools, cancel);
    }
}
