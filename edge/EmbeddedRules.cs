using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>A pool at the edge that holds allocations or child pools cannot be deleted; the answer says what it holds.</summary>
sealed class EdgePoolRules : IKindRules
{
    const int NamesMax = 16;

    public KindInfo Kind => KindInfo.Of<IPPool>();

    public void Deleting(Transaction transaction, Resource current)
    {
        var holders = transaction.All<IPAllocation>().Where(allocation => allocation.Spec.PoolRef?.Name == current.Name)
            .Select(static allocation => $"claim {ClaimReport.Owner(allocation.Spec.ClaimRef!.Namespace, allocation.Spec.ClaimRef.Name!)}")
            .Concat(transaction.All<IPPool>().Where(pool => pool.Spec.ParentPoolRef?.Name == current.Name).Select(static pool => $"pool {pool.Name}"))
            .ToList();
        if (holders.Count == 0) return;
        var more = holders.Count > NamesMax ? $" and {holders.Count - NamesMax} more" : "";
        throw ApiErrors.Conflict(Kind, current.Name, $"the pool is in use by {holders.Count} {(holders.Count == 1 ? "holder" : "holders")}: {string.Join(", ", holders.Take(NamesMax))}{more}",
            [new ApiStatusCause(Reasons.PoolInUse, $"{holders.Count} in use", "spec")]);
    }
}
