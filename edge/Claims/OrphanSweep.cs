using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Frees, keeps or rests the blocks of claims that are gone. A claim counts as gone only when the API server itself says
/// so, asked right before: absence from a copy is no proof.
/// </summary>
sealed class OrphanSweep(AgentState state, ClaimReconciler claims)
{
    /// <summary>How long each resting block is to rest on, and since when, by uid.</summary>
    readonly Dictionary<string, (long Since, TimeSpan Left)> rests = new(StringComparer.Ordinal);

    /// <summary>Looks at the allocation of one claim that seems to be gone.</summary>
    public async Task FreeAsync(string claimUid, CancellationToken cancel)
    {
        await claims.SettleAsync(claimUid, cancel);
        if (state.Book.AllocationOf(claimUid) is not { } allocation) return;
        var claim = allocation.Spec.ClaimRef!;
        if (await state.Api.GetAsync<IPClaim>(claim.Namespace, claim.Name!, cancel) is { } live && live.Uid == claimUid) return;

        if (allocation.Spec.ReclaimPolicy is ReclaimPolicy.Retain) await SayAsync(allocation, new() { Phase = AllocationPhase.Retained }, cancel);
        else if (ReuseDelay(allocation) is > 0 and var seconds) await SayAsync(allocation, new() { Phase = AllocationPhase.Resting, ReusableAt = state.Time.GetUtcNow().AddSeconds(seconds) }, cancel);
        else await state.Api.DeleteAsync<IPAllocation>(null, allocation.Name, new DeleteOptions { Uid = allocation.Uid }, cancel);
    }

    /// <summary>The blocks that have rested long enough, and how long the next has yet to.</summary>
    public (IReadOnlyList<IPAllocation> Rested, TimeSpan? Next) Rests()
    {
        var all = state.Resting;
        foreach (var gone in rests.Keys.Except(all.Select(static resting => resting.Uid)).ToList()) rests.Remove(gone);
        var lefts = all.Select(resting => (Block: resting, Left: Left(resting))).ToList();
        var next = lefts.Where(static rest => rest.Left > TimeSpan.Zero).Select(static rest => (TimeSpan?)rest.Left).Min();
        return ([.. lefts.Where(static rest => rest.Left <= TimeSpan.Zero).Select(static rest => rest.Block)], next);
    }

    /// <summary>Lets a block go that has rested.</summary>
    public Task WakeAsync(IPAllocation rested, CancellationToken cancel) => state.Api.DeleteAsync<IPAllocation>(null, rested.Name, new DeleteOptions { Uid = rested.Uid }, cancel);

    TimeSpan Left(IPAllocation resting)
    {
        if (!rests.TryGetValue(resting.Uid, out var rest)) rests.Add(resting.Uid, rest = (state.Time.GetTimestamp(), Rest(resting)));
        return rest.Left - state.Time.GetElapsedTime(rest.Since);
    }

    /// <summary>How long it is to rest from now on: never longer than the pool asks for, whatever the calendar has done since.</summary>
    TimeSpan Rest(IPAllocation resting)
    {
        var (left, longest) = (resting.Status!.ReusableAt - state.Time.GetUtcNow() ?? TimeSpan.Zero, TimeSpan.FromSeconds(ReuseDelay(resting) ?? 0));
        return left < longest ? left : longest;
    }

    /// <summary>All whose claim is not in the copy, with an allocation or with one perhaps on its way: what a crash or a cut left behind.</summary>
    public IEnumerable<string> Suspects() => state.Allocations.Items
        .Where(allocation => !state.Book.Quarantine.Has(allocation.Name) && (allocation.Status?.Phase ?? AllocationPhase.Ready) is AllocationPhase.Ready
            && state.Claims.Get(allocation.Spec.ClaimRef!.Namespace, allocation.Spec.ClaimRef.Name!)?.Uid != allocation.Spec.ClaimRef.Uid)
        .Select(static allocation => allocation.Spec.ClaimRef!.Uid!)
        .Concat(claims.Abandoned)
        .Distinct()
        .ToList();

    async Task SayAsync(IPAllocation allocation, IPAllocationStatus status, CancellationToken cancel) =>
        state.Allocations.Observe(await state.Api.ReplaceStatusAsync(allocation with { Status = status }, cancel));

    /// <summary>As the child pool says, or the root it was lent of.</summary>
    long? ReuseDelay(IPAllocation allocation)
    {
        var child = state.Book.Pool(allocation.Spec.PoolRef!.Name!);
        return child?.Spec.Allocation?.ReuseDelaySeconds ?? state.Book.Pool(child?.Spec.ParentPoolRef?.Name ?? "")?.Spec.Allocation?.ReuseDelaySeconds;
    }
}
