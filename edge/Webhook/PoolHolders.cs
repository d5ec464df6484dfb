using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>What a pool of this edge holds: as long as there is anything, the pool cannot be deleted.</summary>
sealed class PoolHolders(IKubernetesApi api)
{
    const int NamesMax = 16;

    /// <summary>Asks the API server itself: what a copy does not show may still be there.</summary>
    /// <exception cref="ApiException">The pool is in use; with the count and names.</exception>
    public async Task CheckDeletableAsync(string pool, CancellationToken cancel)
    {
        var allocations = await AllocationsAsync(pool, cancel);
        var children = await ListAsync<IPPool>(child => child.Spec.ParentPoolRef?.Name == pool, cancel);
        if (Refusal(pool, allocations, children) is { } refusal) throw refusal;
    }

    /// <summary>The allocations of a pool, resting ones included. Not by field selector: older API servers have none for our kinds.</summary>
    public Task<IReadOnlyList<IPAllocation>> AllocationsAsync(string pool, CancellationToken cancel) =>
        ListAsync<IPAllocation>(allocation => allocation.Spec.PoolRef?.Name == pool, cancel);

    /// <summary>Why a pool with these contents cannot be deleted; null when it can.</summary>
    public static ApiException? Refusal(string pool, IEnumerable<IPAllocation> allocations, IEnumerable<IPPool> children)
    {
        List<string> holders =
        [
            .. allocations.Select(static allocation => $"claim {ClaimReport.Owner(allocation.Spec.ClaimRef?.Namespace, allocation.Spec.ClaimRef?.Name ?? allocation.Name)}"),
            .. children.Select(static child => $"pool {child.Name}"),
        ];
        if (holders.Count == 0) return null;

        var more = holders.Count > NamesMax ? $" and {holders.Count - NamesMax} more" : "";
        return ApiErrors.Conflict(KindInfo.Of<IPPool>(), pool, $"the pool is in use by {holders.Count} {(holders.Count == 1 ? "holder" : "holders")}: {string.Join(", ", holders.Take(NamesMax))}{more}",
            [new ApiStatusCause(Reasons.PoolInUse, $"{holders.Count} in use", "spec")]);
    }

    async Task<IReadOnlyList<T>> ListAsync<T>(Func<T, bool> isOne, CancellationToken cancel) where T : Resource
    {
        List<T> found = [];
        await foreach (var page in api.PagesAsync<T>(cancel)) found.AddRange(page.Items.Where(isOne));
        return found;
    }
}
