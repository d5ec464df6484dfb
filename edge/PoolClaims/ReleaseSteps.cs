using System.Collections.Immutable;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Plans;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;
using Grpc.Core;
using PoolPhase = Federation.Resources.PoolPhase;

namespace Federation.Edge;

/// <summary>
/// The way back of a block, in the order that never lends it twice: nothing new from it, the last allocation gone, the
/// child pool gone, the lease acknowledged as released; only then is the claim let go.
/// </summary>
sealed class ReleaseSteps(AgentState state, PoolHolders holders, StatusWriter statuses, LeaseService.LeaseServiceClient hub, HubSession session)
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    public Task<PlanStep> DoAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel) => task.Type switch
    {
        TaskType.Drain => DrainAsync(claim, plan, task, cancel),
        TaskType.DeleteChildPool => DeleteChildAsync(claim, plan, task, cancel),
        TaskType.AwaitGone => AwaitGoneAsync(claim, plan, task, cancel),
        TaskType.ReleaseLease => ReleaseAsync(claim, plan, task, cancel),
        var type => throw new System.Diagnostics.UnreachableException($"no such task: {type}"),
    };

    /// <summary>
    /// Hands the duty to release a deleted claim's leases to a pool claim of the agent's own, which waits for the hub as long
    /// as it takes. Written down whole before the claim is let go. False when that is not due.
    /// </summary>
    public async Task<bool> TryEntrustAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel)
    {
        if (task.Type is not TaskType.ReleaseLease || claim.IsTombstone()) return false;
        var waited = claim.Metadata.DeletionTimestamp is { } since ? state.Time.GetUtcNow() - since : TimeSpan.Zero;
        if (waited < state.Options.ReleaseGrace) return false;

        var tombstone = await MakeAsync(Tombstone(claim), cancel);
        if (tombstone.Status?.Lease?.Id != claim.Status!.Lease!.Id) tombstone = await statuses.WriteAsync(tombstone, tombstone with { Status = Status(claim, plan) }, state.PoolClaims, cancel);
        if (!tombstone.Metadata.IsDeleting()) await state.Api.DeleteAsync<IPPoolClaim>(tombstone.Namespace, tombstone.Name, new DeleteOptions { Uid = tombstone.Uid }, cancel);
        return true;
    }

    /// <summary>Whether a tombstone that says nothing may yet: the claim is there that it is to stand for. Asks the API server itself, and for the claim first, which goes last.</summary>
    public async Task<bool> IsMeantAsync(IPPoolClaim tombstone, CancellationToken cancel)
    {
        var owner = tombstone.Metadata.Annotation(EdgeNames.TombstoneAnnotation)?.Split('/') is [var ns, var name] ? await state.Api.GetAsync<IPPoolClaim>(ns, name, cancel) : null;
        if (owner is not null && TombstoneOf(owner) == tombstone.Name) return true;
        return await state.Api.GetAsync<IPPoolClaim>(tombstone.Namespace, tombstone.Name, cancel) is not { Status: null };
    }

    async Task<PlanStep> DrainAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel)
    {
        if (await ChildAsync(plan, claim, cancel) is { } child && child.Status?.Phase is not PoolPhase.Draining)
        {
            await statuses.WriteAsync(child, child with { Status = (child.Status ?? new()) with { Phase = PoolPhase.Draining } }, state.Pools, cancel);
        }

        return Done(claim, plan, task);
    }

    /// <summary>
    /// Asks the API server itself what is left: what a copy does not show may still be there. Also where the pool is gone
    /// already, by somebody's hand: its allocations are what keeps the block.
    /// </summary>
    async Task<PlanStep> DeleteChildAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel)
    {
        if (plan.Parameters.ChildPool is not { } name) return Done(claim, plan, task);
        if (state.Book.Space(name)?.Count(HoldKind.Allocation) > 0) return new PlanStep.Later(Look, PoolClaimReport.InUse(name));

        var child = await ChildAsync(plan, claim, cancel);
        var left = (await holders.AllocationsAsync(name, cancel)).Where(allocation => IsOfBlock(claim, allocation)).ToList();
        if (left.Any(static allocation => allocation.Status?.Phase is not AllocationPhase.Resting)) return new PlanStep.Later(Look, PoolClaimReport.InUse(name));

        foreach (var resting in left) await state.Api.DeleteAsync<IPAllocation>(null, resting.Name, new DeleteOptions { Uid = resting.Uid }, cancel);
        if (child is { Metadata.DeletionTimestamp: null }) await state.Api.DeleteAsync<IPPool>(null, child.Name, new DeleteOptions { Uid = child.Uid }, cancel);
        return Done(claim, plan, task);
    }

    async Task<PlanStep> AwaitGoneAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel)
    {
        if (await ChildAsync(plan, claim, cancel) is not { } child) return Done(claim, plan, task);
        if (!child.Metadata.IsDeleting() || !child.Metadata.HasFinalizer(EdgeNames.PoolFinalizer)) return new PlanStep.Later(Look);

        List<string> finalizers = [.. child.Metadata.Finalizers!.Where(static finalizer => finalizer != EdgeNames.PoolFinalizer)];
        await state.Api.ReplaceAsync(child with { Metadata = child.Metadata with { Finalizers = finalizers } }, cancel);
        return finalizers.Count == 0 ? Done(claim, plan, task) : new PlanStep.Later(Look);
    }

    /// <summary>A pool of the name that is another's may have allocations of its own; those in our block count wherever they say they lie.</summary>
    static bool IsOfBlock(IPPoolClaim claim, IPAllocation allocation) =>
        allocation.Spec.Cidr is not { } block || LeaseBook.GrantsOf(claim).Any(grant => grant.Cidr is { } lent && lent.Overlaps(block));

    /// <summary>What grew last goes first. A lease the hub does not know is no longer there to give back.</summary>
    async Task<PlanStep> ReleaseAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel)
    {
        foreach (var grant in LeaseBook.GrantsOf(claim).Reverse().DefaultIfEmpty(new() { Id = plan.Parameters.LeaseId, Epoch = plan.Parameters.LeaseEpoch }))
        {
            try
            {
                await hub.ReleaseLeaseAsync(new()
                {
                    Edge = state.Options.Name,
                    Incarnation = session.Incarnation,
                    LeaseId = grant.Id,
                    Epoch = grant.Epoch ?? 0,
                    Reason = ReasonOf(grant),
                }, cancellationToken: cancel);
            }
            catch (RpcException e)
            {
                var why = HubReasons.Of(HubFailure.From(e));
                if (why.Reason is not Reasons.LeaseNotFound) return new PlanStep.Delayed(why);
            }
        }

        return Done(claim, plan, task);
    }

    /// <summary>The claim's own child pool as the API server has it; a pool of the name that is another's does not count.</summary>
    async Task<IPPool?> ChildAsync(Plan plan, IPPoolClaim claim, CancellationToken cancel)
    {
        if (plan.Parameters.ChildPool is not { } name || await state.Api.GetAsync<IPPool>(null, name, cancel) is not { } child) return null;
        if (child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) != claim.Uid) return null;
        state.Pools.Observe(child);
        return child;
    }

    PlanStep.Done Done(IPPoolClaim claim, Plan plan, PlanTask task)
    {
        var done = PlanRules.Completed(plan, task);
        return new(claim.With(allocated: null, status => status with { Plan = done }, state.Time.GetUtcNow()));
    }

    async Task<IPPoolClaim> MakeAsync(IPPoolClaim tombstone, CancellationToken cancel)
    {
        try
        {
            return await state.Api.CreateAsync(tombstone, cancel: cancel);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            if (await state.Api.GetAsync<IPPoolClaim>(tombstone.Namespace, tombstone.Name, cancel) is { } made) return made;
            throw;
        }
    }

    static string TombstoneOf(IPPoolClaim claim) => $"released-{claim.Uid}";

    IPPoolClaim Tombstone(IPPoolClaim claim) => new()
    {
        Metadata = new()
        {
            Name = TombstoneOf(claim),
            Namespace = state.Options.Namespace,
            Labels = EdgeNames.Managed,
            Annotations = ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.TombstoneAnnotation, ClaimReport.Owner(claim.Namespace, claim.Name)),
            Finalizers = [EdgeNames.LeaseFinalizer],
        },
        Spec = claim.Spec,
    };

    /// <summary>The same leases under the same plan, of which only the release is left.</summary>
    static IPPoolClaimStatus Status(IPPoolClaim claim, Plan plan) => new()
    {
        Phase = ClaimPhase.Releasing,
        Lease = claim.Status!.Lease,
        Growth = claim.Status.Growth,
        Plan = plan,
        ObservedGeneration = 1,
        Conditions = claim.Status.Conditions,
    };

    static ReleaseReason ReasonOf(LeaseGrant grant) => grant switch
    {
        { Confirmed: not true } => ReleaseReason.OfferDiscarded,
        { Draining: true } => ReleaseReason.Drained,
        { Frozen.Length: > 0 } => ReleaseReason.Revoked,
        _ => ReleaseReason.ClaimDeleted,
    };
}
