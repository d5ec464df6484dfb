using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Domain.Plans;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;
using Grpc.Core;

namespace Federation.Edge;

/// <summary>
/// The tasks that bring a block: request it and write the offer down, confirm it, make the child pool and say that it is
/// ready. Nothing is allocated from a block before the hub has acknowledged its confirmation.
/// </summary>
sealed class AcquireSteps(AgentState state, LeaseService.LeaseServiceClient hub, HubSession session)
{
    /// <summary>How many names are tried when others' pools have them.</summary>
    const int SaltMax = 16;

    public Task<PlanStep> DoAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel) => task.Type switch
    {
        TaskType.RequestLease or TaskType.RecordOffer => RequestAsync(claim, plan, cancel),
        TaskType.ConfirmLease => ConfirmAsync(claim, plan, task, cancel),
        TaskType.CreateChildPool or TaskType.MarkReady => CreatePoolAsync(claim, plan, cancel),
        var type => throw new System.Diagnostics.UnreachableException($"no such task: {type}"),
    };

    /// <summary>The mirrored root a claim is to have a block of: the one it names, or the first that matches and has room.</summary>
    public IPPool? RootOf(IPPoolClaim claim)
    {
        if (claim.Spec.ParentPoolRef?.Name is { } name) return state.Pools.Get(null, name) is { } pool && pool.IsMirror() ? pool : null;
        var matching = state.Book.Pools.Where(pool => pool.IsMirror() && claim.Spec.ParentPoolSelector!.Matches(pool.Metadata.Labels)).ToList();
        return matching.Find(pool => Fits(pool, claim.Spec)) ?? matching.FirstOrDefault();
    }

    public static Finding Unmatched(IPPoolClaim claim) => claim.Spec.ParentPoolRef?.Name is { } name
        ? new(ConditionTypes.Allocated, ConditionStatus.False, Reasons.PoolNotFound, $"pool {name} not found")
        : new(ConditionTypes.Allocated, ConditionStatus.False, Reasons.NoMatchingPool, $"no pool matches selector {claim.Spec.ParentPoolSelector}");

    /// <summary>What it takes to double a claim's block in place; null when it cannot be.</summary>
    public PlanParameters? Grown(IPPoolClaim claim) => state.Leases.Block(claim.Uid) is { Length: > 0 } block && RootOf(claim) is { } root
        ? new() { Pool = root.Name, Cidr = block.Buddy, ChildPool = claim.Status!.BoundPoolName }
        : null;

    /// <summary>The status without the offer this plan was about.</summary>
    public static IPPoolClaimStatus Forgotten(IPPoolClaimStatus status, Plan plan) => plan.Kind is PlanKind.GrowLease
        ? status with { Growth = [.. (status.Growth ?? []).Where(static grant => grant.Confirmed is true)] }
        : status with { Lease = null };

    async Task<PlanStep> RequestAsync(IPPoolClaim claim, Plan plan, CancellationToken cancel)
    {
        var requestId = PlanRules.RequestIdOf(plan)!;
        var request = new RequestLeaseRequest
        {
            Edge = state.Options.Name,
            Incarnation = session.Incarnation,
            RequestId = requestId,
            Pool = plan.Parameters.Pool,
            Cidr = plan.Parameters.Cidr?.ToString() ?? "",
            StickyKey = plan.Kind is PlanKind.GrowLease ? "" : ClaimReport.Owner(claim.Namespace, claim.Name),
            IpFamily = (IpFamily)(int)(claim.Spec.IpFamily ?? IPFamily.Unspecified),
            PoolClaim = new() { Namespace = claim.Namespace, Name = claim.Name, Uid = claim.Uid },
        };
        if (plan.Parameters.PrefixLength is { } length) request.PrefixLength = length;
        try
        {
            var lease = await hub.RequestLeaseAsync(request, cancellationToken: cancel);
            if (!Cidr.TryParse(lease.Cidr, out var offered) || !IsPossible(offered, plan)) return Senseless($"it offers {lease.Cidr} of pool {plan.Parameters.Pool}");
            if (!IsUsable(lease, plan)) return new PlanStep.Overtaken(Reasons.LeaseNotActive, $"the hub answered with lease {lease.Id} in state {lease.State}");

            var grant = new LeaseGrant { Id = lease.Id, Epoch = lease.Epoch, Cidr = offered, RequestID = requestId, Confirmed = false };
            return Done(claim, plan, plan.Tasks.Take(2), status => Offered(status, plan, grant));
        }
        catch (RpcException e)
        {
            return Failed(HubReasons.Of(HubFailure.From(e)));
        }
    }

    async Task<PlanStep> ConfirmAsync(IPPoolClaim claim, Plan plan, PlanTask task, CancellationToken cancel)
    {
        var grant = OfferOf(claim, plan);
        if (grant is null) return new PlanStep.Overtaken(Reasons.LeaseNotFound, "the offer is not written down");
        var sentAt = state.Clock.Read();
        try
        {
            var lease = await hub.ConfirmLeaseAsync(new()
            {
                Edge = state.Options.Name,
                Incarnation = session.Incarnation,
                LeaseId = grant.Id,
                Epoch = grant.Epoch ?? 0,
                ChildPool = PoolReport.ChildName(claim.Name, claim.Uid, salt: 0),
            }, cancellationToken: cancel);
            if (!HubAnswers.IsOf(lease, grant)) return Senseless($"it confirmed {lease.Id}, {lease.Cidr} at epoch {lease.Epoch}");
            var confirmed = grant with
            {
                Confirmed = true,
                ExpiresAt = HubAnswers.ExpiryOf(lease),
                Term = LeaseTerm.Of(new TermAnchor(sentAt, HubAnswers.TermOf(lease)!.Value)),
                Draining = lease.State is LeaseState.Draining ? true : null,
            };
            return Done(claim, plan, [task], status => Offered(status, plan, confirmed));
        }
        catch (RpcException e)
        {
            return Failed(HubReasons.Of(HubFailure.From(e)));
        }
    }

    /// <summary>A block that doubles another needs no pool of its own.</summary>
    async Task<PlanStep> CreatePoolAsync(IPPoolClaim claim, Plan plan, CancellationToken cancel)
    {
        if (plan.Kind is PlanKind.GrowLease) return Done(claim, plan, plan.Tasks.Skip(3), static status => status);

        var (block, parent) = (claim.Status!.Lease!.Cidr!.Value, plan.Parameters.Pool!);
        for (var salt = 0; salt < SaltMax; salt++)
        {
            var name = PoolReport.ChildName(claim.Name, claim.Uid, salt);
            if (await CreateAsync(Child(claim, name, block, parent, ChildIndex.SmallestFree(state.Book.ChildrenOf(parent))), cancel) is not { } child) continue;
            state.Pools.Observe(child);
            var done = Completed(plan, plan.Tasks.Skip(3));
            return new PlanStep.Done(claim.With(AllocatedFinding.Succeeded(block, parent), status => status with { Plan = done, BoundPoolName = name }, state.Time.GetUtcNow()));
        }

        return new PlanStep.Refused(Reasons.Error, $"no free name for the child pool: {SaltMax} were tried");
    }

    /// <summary>The child pool, made now or before a crash; null when the name is somebody else's, which is left alone.</summary>
    async Task<IPPool?> CreateAsync(IPPool wanted, CancellationToken cancel)
    {
        try
        {
            return await state.Api.CreateAsync(wanted, cancel: cancel);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            return await state.Api.GetAsync<IPPool>(null, wanted.Name, cancel) is { } there
                && there.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) == wanted.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) ? there : null;
        }
    }

    PlanStep.Done Done(IPPoolClaim claim, Plan plan, IEnumerable<PlanTask> tasks, Func<IPPoolClaimStatus, IPPoolClaimStatus> change)
    {
        var done = Completed(plan, tasks);
        return new(claim.With(allocated: null, status => change(status) with { Plan = done }, state.Time.GetUtcNow()));
    }

    static Plan Completed(Plan plan, IEnumerable<PlanTask> tasks) => tasks.Aggregate(plan, PlanRules.Completed);

    static PlanStep Failed(HubReason why) => why switch
    {
        { IsVerdict: true } => new PlanStep.Refused(why.Reason, why.Message),
        { Reason: Reasons.LeaseNotActive or Reasons.LeaseNotFound or Reasons.StaleEpoch } or { Reason: Reasons.HubConflict, Pace: RetryPace.Slow } => new PlanStep.Overtaken(why.Reason, why.Message),
        _ => new PlanStep.Delayed(why),
    };

    /// <summary>A hub that answers so is asked again later: nothing of the answer is used.</summary>
    static PlanStep.Delayed Senseless(string what) => new(new(Reasons.HubInternalError, $"The hub's answer makes no sense: {what}", RetryPace.Backoff));

    /// <summary>
    /// Whether a block lies in the root it was asked of, and is not held here already. One that was revoked may be lent anew
    /// when nothing is in it, though its pool is still here for the sake of another lease.
    /// </summary>
    bool IsPossible(Cidr block, Plan plan) => state.Pools.Get(null, plan.Parameters.Pool!)?.Spec.Cidr?.Contains(block) is not false
        && !state.Leases.Held.Any(held => held.Grant is { Confirmed: true, Cidr: { } other } && other.Overlaps(block) && !(held.Grant.Frozen is Reasons.LeaseRevoked && IsEmpty(held.Claim, block)));

    bool IsEmpty(IPPoolClaim claim, Cidr block) => state.Book.Space(claim.Status?.BoundPoolName ?? "")?.Held().Any(held => held.Holder.Kind is not HoldKind.Reservation && held.Block.Overlaps(block)) is not true;

    /// <summary>Whether the answer is to this wish: what the hub says is checked like anything from outside.</summary>
    static bool IsUsable(Proto.V1.Lease lease, Plan plan) => lease.State is LeaseState.Offered or LeaseState.Active
        && lease.Id.Length > 0 && lease.Epoch > 0 && Cidr.TryParse(lease.Cidr, out var block)
        && (plan.Parameters.Cidr ?? block) == block && (plan.Parameters.PrefixLength ?? block.Length) == block.Length;

    static LeaseGrant? OfferOf(IPPoolClaim claim, Plan plan) => plan.Kind is PlanKind.GrowLease
        ? claim.Status?.Growth?.LastOrDefault(static grant => grant.Confirmed is not true)
        : claim.Status?.Lease;

    static IPPoolClaimStatus Offered(IPPoolClaimStatus status, Plan plan, LeaseGrant grant) => plan.Kind is PlanKind.GrowLease
        ? status with { Growth = [.. (status.Growth ?? []).Where(other => other.Id != grant.Id), grant] }
        : status with { Lease = grant };

    static bool Fits(IPPool root, IPPoolClaimSpec spec) => root.Spec.Cidr is { } space
        && (spec.IpFamily ?? spec.Cidr?.Family ?? space.Family) == space.Family
        && root.Spec.Leasing?.Enabled is not false
        && root.Status?.LargestFreePrefixLength <= (spec.Cidr?.Length ?? spec.PrefixLength ?? root.Spec.LeaseSizes(space).DefaultPrefixLength);

    static IPPool Child(IPPoolClaim claim, string name, Cidr block, string parent, int index) => new()
    {
        Metadata = new()
        {
            Name = name,
            Labels = claim.Metadata.Labels,
            Annotations = ChildIndex.Annotations(index).Add(EdgeNames.ClaimUidAnnotation, claim.Uid),
            Finalizers = [EdgeNames.PoolFinalizer],
        },
        Spec = new() { ParentPoolRef = new() { Name = parent }, Cidr = block },
    };
}
