using System.Collections.Immutable;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
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
/// Brings a pool claim to its child pool, by a plan that is written down before any of it is done: request a block,
/// record the offer, confirm it, make the child pool, say that it is ready. Each step is one look, and writes the status
/// at most once. A step that is repeated has the same request id, and the hub the same answer.
/// </summary>
sealed class PoolClaimReconciler(AgentState state, StatusWriter statuses, LeaseService.LeaseServiceClient hub, HubSession session)
{
    /// <summary>Refused claims for which something has changed that may help.</summary>
    readonly HashSet<WorkKey> hopeful = [];

    /// <summary>Asks the hub again for every claim it refused, or for those it has not been asked for yet.</summary>
    public void Reconsider()
    {
        foreach (var claim in state.PoolClaims.Items.Where(static claim => claim.Status?.Phase is not ClaimPhase.Bound))
        {
            WorkKey key = new(claim.Namespace!, claim.Name);
            if (BlockSupply.IsRefused(claim)) hopeful.Add(key);
            state.Remote.Add(key);
        }
    }

    /// <summary>When to look again: null when only a change is a reason to.</summary>
    public async Task<TimeSpan?> ReconcileAsync(WorkKey key, CancellationToken cancel)
    {
        if (state.PoolClaims.Get(key.Namespace, key.Name) is not { } claim) return null;
        if (claim.Metadata.IsDeleting()) return await ReleaseAsync(claim, cancel);
        if (claim.Status?.Phase is ClaimPhase.Bound && claim.Status.Plan is null) return null;
        if (!claim.Metadata.HasFinalizer(EdgeNames.LeaseFinalizer)) return await HoldAsync(claim, cancel);
        if (BlockSupply.IsRefused(claim) && claim.Status?.Plan is null && !hopeful.Remove(key)) return null;
        if (claim.Status?.Plan is not { Phase: PlanPhase.Active } plan) return await PlanAsync(claim, cancel);

        var index = Enumerable.Range(0, plan.Tasks.Count).First(index => plan.Tasks[index].Phase is PlanPhase.Pending);
        try
        {
            return await StepAsync(claim, plan, index, cancel);
        }
        catch (RpcException e)
        {
            return await SufferAsync(claim, HubReasons.Of(HubFailure.From(e)), cancel);
        }
    }

    async Task<TimeSpan?> HoldAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        var held = claim with { Metadata = claim.Metadata with { Finalizers = [.. claim.Metadata.Finalizers ?? [], EdgeNames.LeaseFinalizer] } };
        state.PoolClaims.Observe(await state.Api.ReplaceAsync(held, cancel));
        return TimeSpan.Zero;
    }

    /// <summary>Writes the plan down, and calls nobody. A refusal stands until the hub says otherwise.</summary>
    async Task<TimeSpan?> PlanAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        if (Root(claim) is not { } root) return await RefuseAsync(claim, Unmatched(claim), cancel);
        var id = Guid.NewGuid().ToString();
        TaskType[] steps = [TaskType.RequestLease, TaskType.ConfirmLease, TaskType.CreateChildPool];
        var plan = new Plan
        {
            Id = id,
            Kind = PlanKind.AcquireLease,
            Phase = PlanPhase.Active,
            Parameters = new() { Pool = root.Name, PrefixLength = claim.Spec.PrefixLength, Cidr = claim.Spec.Cidr },
            Tasks = [.. steps.Select((type, index) => new PlanTask { Id = NameUuid.OfTask(id, type, index), Type = type, Phase = PlanPhase.Pending })],
            FailedPhase = nameof(ClaimPhase.Error),
        };
        var waiting = BlockSupply.IsRefused(claim) ? null : new Finding(ConditionTypes.Allocated, ConditionStatus.Unknown, Reasons.WaitingForLease, $"waiting for a lease of pool {root.Name}");
        await WriteAsync(claim, waiting, status => status with { Plan = plan, Lease = null }, cancel);
        return TimeSpan.Zero;
    }

    Task<TimeSpan?> StepAsync(IPPoolClaim claim, Plan plan, int index, CancellationToken cancel) => plan.Tasks[index].Type switch
    {
        TaskType.RequestLease => RequestAsync(claim, plan, index, cancel),
        TaskType.ConfirmLease => ConfirmAsync(claim, plan, index, cancel),
        TaskType.CreateChildPool => CreatePoolAsync(claim, plan, cancel),
        var type => throw new System.Diagnostics.UnreachableException($"no such step: {type}"),
    };

    async Task<TimeSpan?> RequestAsync(IPPoolClaim claim, Plan plan, int index, CancellationToken cancel)
    {
        var request = new RequestLeaseRequest
        {
            Edge = state.Options.Name,
            Incarnation = session.Incarnation,
            RequestId = plan.Tasks[index].Id,
            Pool = plan.Parameters.Pool,
            Cidr = plan.Parameters.Cidr?.ToString() ?? "",
            StickyKey = ClaimReport.Owner(claim.Namespace, claim.Name),
            IpFamily = (IpFamily)(int)(claim.Spec.IpFamily ?? IPFamily.Unspecified),
        };
        if (plan.Parameters.PrefixLength is { } length) request.PrefixLength = length;
        var lease = await hub.RequestLeaseAsync(request, cancellationToken: cancel);
        if (lease.State is not (LeaseState.Offered or LeaseState.Active)) return await DiscardAsync(claim, cancel);

        var grant = new LeaseGrant { Id = lease.Id, Epoch = lease.Epoch, Cidr = Cidr.Parse(lease.Cidr), ExpiresAt = lease.ExpiresAt.ToDateTimeOffset(), Confirmed = false };
        await WriteAsync(claim, finding: null, status => status with { Lease = grant, Plan = Done(plan, index) }, cancel);
        return TimeSpan.Zero;
    }

    async Task<TimeSpan?> ConfirmAsync(IPPoolClaim claim, Plan plan, int index, CancellationToken cancel)
    {
        var grant = claim.Status!.Lease!;
        await hub.ConfirmLeaseAsync(new()
        {
            Edge = state.Options.Name,
            Incarnation = session.Incarnation,
            LeaseId = grant.Id,
            Epoch = grant.Epoch ?? 0,
            ChildPool = ChildName(claim),
        }, cancellationToken: cancel);
        await WriteAsync(claim, finding: null, status => status with { Lease = grant with { Confirmed = true }, Plan = Done(plan, index) }, cancel);
        return TimeSpan.Zero;
    }

    async Task<TimeSpan?> CreatePoolAsync(IPPoolClaim claim, Plan plan, CancellationToken cancel)
    {
        var (name, block, parent) = (ChildName(claim), claim.Status!.Lease!.Cidr!.Value, plan.Parameters.Pool!);
        try
        {
            state.Pools.Observe(await state.Api.CreateAsync(Child(claim, name, block, parent), cancel: cancel));
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // Made before a crash: its name follows from the claim's uid.
            if (await state.Api.GetAsync<IPPool>(null, name, cancel) is { } made) state.Pools.Observe(made);
        }

        await WriteAsync(claim, AllocatedFinding.Succeeded(block, parent), status => status with { Plan = null, BoundPoolName = name }, cancel);
        return null;
    }

    /// <summary>The order that never lends a block twice: empty, child pool gone, lease given back, and only then let go.</summary>
    async Task<TimeSpan?> ReleaseAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        if (!claim.Metadata.HasFinalizer(EdgeNames.LeaseFinalizer)) return null;
        if (await state.Api.GetAsync<IPPool>(null, ChildName(claim), cancel) is { } child && child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) == claim.Uid)
        {
            state.Pools.Observe(child);
            if (child.Status?.Phase is not PoolPhase.Draining)
            {
                await statuses.WriteAsync(child, child with { Status = (child.Status ?? new()) with { Phase = PoolPhase.Draining } }, state.Pools, cancel);
                return TimeSpan.Zero;
            }

            if (state.Book.Space(child.Name)?.Count(HoldKind.Allocation) > 0) return TimeSpan.FromSeconds(1);
            await state.Api.DeleteAsync<IPPool>(null, child.Name, new DeleteOptions { Uid = child.Uid }, cancel);
        }

        if (!await GiveBackAsync(claim, cancel)) return TimeSpan.FromSeconds(1);
        List<string> finalizers = [.. (claim.Metadata.Finalizers ?? []).Where(static finalizer => finalizer != EdgeNames.LeaseFinalizer)];
        await state.Api.ReplaceAsync(claim with { Metadata = claim.Metadata with { Finalizers = finalizers } }, cancel);
        return null;
    }

    /// <summary>True when the hub has the lease back, or never gave one.</summary>
    async Task<bool> GiveBackAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        if (claim.Status?.Lease is not { Id: { } id, Epoch: { } epoch }) return true;
        try
        {
            await hub.ReleaseLeaseAsync(new() { Edge = state.Options.Name, Incarnation = session.Incarnation, LeaseId = id, Epoch = epoch, Reason = ReleaseReason.ClaimDeleted }, cancellationToken: cancel);
            return true;
        }
        catch (RpcException e)
        {
            return HubReasons.Of(HubFailure.From(e)).Reason is Reasons.LeaseNotFound;
        }
    }

    /// <summary>A call that failed: either the hub has decided, or it is tried again with the same request id.</summary>
    async Task<TimeSpan?> SufferAsync(IPPoolClaim claim, HubReason why, CancellationToken cancel)
    {
        if (why.IsVerdict) return await RefuseAsync(claim, new(ConditionTypes.Allocated, ConditionStatus.False, why.Reason, why.Message), cancel);
        if (why.Reason is Reasons.LeaseNotActive or Reasons.LeaseNotFound or Reasons.StaleEpoch) return await DiscardAsync(claim, cancel);

        if (why.Pace is not RetryPace.AtOnce && !BlockSupply.IsRefused(claim)) await WriteAsync(claim, new(ConditionTypes.Allocated, ConditionStatus.Unknown, why.Reason, why.Message), static status => status, cancel);
        throw new HubDelayException(why);
    }

    /// <summary>An offer that was taken back: nothing can have been allocated from it. The next plan asks anew.</summary>
    async Task<TimeSpan?> DiscardAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        await WriteAsync(claim, finding: null, static status => status with { Plan = null, Lease = null }, cancel);
        return TimeSpan.Zero;
    }

    async Task<TimeSpan?> RefuseAsync(IPPoolClaim claim, Finding why, CancellationToken cancel)
    {
        await WriteAsync(claim, why, static status => status with { Plan = null, Lease = null }, cancel);
        return null;
    }

    Task<IPPoolClaim> WriteAsync(IPPoolClaim claim, Finding? finding, Func<IPPoolClaimStatus, IPPoolClaimStatus> change, CancellationToken cancel) =>
        statuses.WriteAsync(claim, PoolClaimReport.With(claim, finding, change, state.Time.GetUtcNow()), state.PoolClaims, cancel);

    IPPool? Root(IPPoolClaim claim) => claim.Spec.ParentPoolRef?.Name is { } name
        ? state.Pools.Get(null, name) is { } pool && pool.IsMirror() ? pool : null
        : state.Pools.Items.FirstOrDefault(pool => pool.IsMirror() && claim.Spec.ParentPoolSelector!.Matches(pool.Metadata.Labels));

    static Finding Unmatched(IPPoolClaim claim) => claim.Spec.ParentPoolRef?.Name is { } name
        ? new(ConditionTypes.Allocated, ConditionStatus.False, Reasons.PoolNotFound, $"pool {name} not found")
        : new(ConditionTypes.Allocated, ConditionStatus.False, Reasons.NoMatchingPool, $"no pool matches selector {claim.Spec.ParentPoolSelector}");

    static Plan Done(Plan plan, int index) => plan with { Tasks = [.. plan.Tasks.Select((task, at) => at == index ? task with { Phase = PlanPhase.Complete } : task)] };

    static string ChildName(IPPoolClaim claim) => PoolReport.ChildName(claim.Name, claim.Uid, salt: 0);

    static IPPool Child(IPPoolClaim claim, string name, Cidr block, string parent) => new()
    {
        Metadata = new()
        {
            Name = name,
            Labels = claim.Metadata.Labels,
            Annotations = ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.ClaimUidAnnotation, claim.Uid),
        },
        Spec = new() { ParentPoolRef = new() { Name = parent }, Cidr = block },
    };
}

/// <summary>The hub cannot be asked at present; the work is tried again, later each time.</summary>
sealed class HubDelayException(HubReason why) : Exception(why.Message);
