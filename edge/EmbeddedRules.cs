using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>A pool at the edge that holds allocations or child pools cannot be deleted; the answer says what it holds.</summary>
sealed class EdgePoolRules : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPPool>();

    public void Deleting(Transaction transaction, Resource current)
    {
        var allocations = transaction.All<IPAllocation>().Where(allocation => allocation.Spec.PoolRef?.Name == current.Name);
        var children = transaction.All<IPPool>().Where(pool => pool.Spec.ParentPoolRef?.Name == current.Name);
        if (PoolHolders.Refusal(current.Name, allocations, children) is { } refusal) throw refusal;
    }
}

/// <summary>
/// Nothing is allocated from a pool that is on its way back to the hub: what was asked for before, and arrives late, must
/// not lie in a block that another edge may hold by then.
/// </summary>
sealed class EdgeAllocationRules : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPAllocation>();

    public Resource Creating(Transaction transaction, Resource wanted)
    {
        var pool = ((IPAllocation)wanted).Spec.PoolRef!.Name!;
        return transaction.Find<IPPool>(null, pool) is { Status: not { Phase: PoolPhase.Draining } } found && !found.Metadata.IsDeleting()
            ? wanted
            : throw ApiErrors.Conflict(Kind, wanted.Name, $"pool {pool} is gone, or being emptied");
    }
}
