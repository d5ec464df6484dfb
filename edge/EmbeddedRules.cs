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
