using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Says of every allocation in quarantine why it is there, and of those that are out again that they are. One an agent made,
/// and for which another was first, goes again.
/// </summary>
sealed class QuarantineReport(AgentState state, StatusWriter statuses)
{
    public async Task SayAsync(CancellationToken cancel)
    {
        foreach (var (allocation, why) in state.Book.Quarantine.Inside.ToList())
        {
            if (await IsOursAndServesNobodyAsync(allocation, cancel)) await state.Api.DeleteAsync<IPAllocation>(null, allocation.Name, new DeleteOptions { Uid = allocation.Uid }, cancel);
            else await SayAsync(allocation.Name, new(ConditionTypes.Allocated, ConditionStatus.False, Reasons.Quarantined, why), cancel);
        }

        foreach (var allocation in state.Allocations.Items.Where(IsOut).ToList())
        {
            await SayAsync(allocation.Name, AllocatedFinding.Succeeded(allocation.Spec.Cidr!.Value, allocation.Spec.PoolRef!.Name!), cancel);
        }
    }

    /// <summary>Asks the API server itself: what a copy does not show may be so already.</summary>
    async Task<bool> IsOursAndServesNobodyAsync(IPAllocation allocation, CancellationToken cancel)
    {
        if (!allocation.IsManaged() || !state.Book.Quarantine.CameLater(allocation.Name)) return false;
        var owner = allocation.Spec.ClaimRef!;
        var claim = await state.Api.GetAsync<IPClaim>(owner.Namespace, owner.Name!, cancel);
        return claim?.Uid != owner.Uid || claim?.Status?.BoundAllocationRef?.Name != allocation.Name;
    }

    bool IsOut(IPAllocation allocation) => !state.Book.Quarantine.Has(allocation.Name) && allocation.Status?.Conditions?.Find(ConditionTypes.Allocated) is { Reason: Reasons.Quarantined };

    async Task SayAsync(string name, Finding finding, CancellationToken cancel)
    {
        if (state.Allocations.Get(null, name) is not { } allocation) return;
        var status = allocation.Status ?? new();
        var wanted = allocation with { Status = status with { Conditions = (status.Conditions ?? []).With([finding], allocation.Metadata.Generation ?? 0, state.Time.GetUtcNow()) } };
        await statuses.WriteAsync(allocation, wanted, state.Allocations, cancel);
    }
}
