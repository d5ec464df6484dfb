using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Frees the blocks of claims that are gone. A claim counts as gone only when the API server itself says so, asked right
/// before: absence from a copy is no proof.
/// </summary>
sealed class OrphanSweep(AgentState state, ClaimReconciler claims)
{
    /// <summary>Looks at the allocation of one claim that seems to be gone.</summary>
    public async Task FreeAsync(string claimUid, CancellationToken cancel)
    {
        await claims.SettleAsync(claimUid, cancel);
        if (state.Book.AllocationOf(claimUid) is not { } allocation || allocation.Spec.ReclaimPolicy is ReclaimPolicy.Retain) return;
        var claim = allocation.Spec.ClaimRef!;
        if (await state.Api.GetAsync<IPClaim>(claim.Namespace, claim.Name!, cancel) is { } live && live.Uid == claimUid) return;

        await state.Api.DeleteAsync<IPAllocation>(null, allocation.Name, new DeleteOptions { Uid = allocation.Uid }, cancel);
    }

    /// <summary>All allocations whose claim is not in the copy: what a crash or a cut left behind.</summary>
    public IEnumerable<string> Suspects() => state.Allocations.Items
        .Where(allocation => state.Claims.Get(allocation.Spec.ClaimRef!.Namespace, allocation.Spec.ClaimRef.Name!)?.Uid != allocation.Spec.ClaimRef.Uid)
        .Select(static allocation => allocation.Spec.ClaimRef!.Uid!)
        .ToList();
}
