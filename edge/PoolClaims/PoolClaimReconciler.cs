using Federation.Domain.Conditions;
using Federation.Domain.Plans;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Brings a pool claim to its child pool and back, by plans that are written down before any of them is carried out.
/// One look does one thing and writes the claim's status at most once: take down what the hub said; make a plan (and call
/// nobody); do the next task of the plan there is; clear a plan that has ended; or nothing. A step that is repeated has
/// the same request id, and the hub the same answer.
/// </summary>
sealed class PoolClaimReconciler(AgentState state, StatusWriter statuses, AcquireSteps acquire, ReleaseSteps release)
{
    /// <summary>A plan that gets nowhere for so long is given up, and made anew with new ids.</summary>
    static readonly TimeSpan PlanAgeMax = TimeSpan.FromHours(1);

    static readonly TimeSpan TombstoneLook = TimeSpan.FromSeconds(30);

    static readonly Backoff GrowPause = new() { Initial = TimeSpan.FromSeconds(30), Cap = TimeSpan.FromMinutes(10) };

    /// <summary>Refused claims for which something has changed that may help.</summary>
    readonly HashSet<WorkKey> hopeful = [];

    /// <summary>Blocks that could not be doubled: how often, and from when on to try again. By uid.</summary>
    readonly Dictionary<string, (int Failures, DateTimeOffset NextAt)> stunted = new(StringComparer.Ordinal);

    /// <summary>Blocks that are to be doubled in place. By uid.</summary>
    readonly HashSet<string> growing = new(StringComparer.Ordinal);

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

    /// <summary>Something is new about the hub: every claim says so.</summary>
    public void HubChanged()
    {
        foreach (var claim in state.PoolClaims.Items) state.Remote.Add(new(claim.Namespace!, claim.Name));
    }

    /// <summary>Wants a claim's block doubled in place; false when that was tried in vain not long ago, or cannot be.</summary>
    public bool TryGrow(IPPoolClaim claim)
    {
        if (state.Leases.Block(claim.Uid) is not { } block || claim.Spec.ParentPoolRef?.Name is not { } root) return false;
        if (state.Book.Pool(root)?.Spec.Cidr is not { } space || block.Length <= space.Length) return false;
        if (stunted.TryGetValue(claim.Uid, out var failed) && failed.NextAt > state.Time.GetUtcNow()) return false;

        growing.Add(claim.Uid);
        state.Remote.Add(new(claim.Namespace!, claim.Name));
        return true;
    }

    /// <summary>When to look again: null when only a change is a reason to.</summary>
    public async Task<TimeSpan?> ReconcileAsync(WorkKey key, CancellationToken cancel)
    {
        if (state.PoolClaims.Get(key.Namespace, key.Name) is not { } claim) return null;
        if (claim is { Status: null } && claim.IsTombstone()) return await DropUnlessMeantAsync(claim, cancel);
        if (!claim.Metadata.HasFinalizer(EdgeNames.LeaseFinalizer)) return claim.Metadata.IsDeleting() ? null : await HoldAsync(claim, cancel);
        if (Paused(claim) is { } paused) return await WriteAsync(claim, paused, again: null, cancel, OwnWord(claim));
        if (state.Leases.Noted(claim) is var noted && noted != claim) return await WriteAsync(claim, noted, TimeSpan.Zero, cancel);

        var plan = claim.Status?.Plan;
        if (plan is not null && PlanRules.IsTerminal(plan)) return await ClearAsync(claim, plan, cancel);
        if (claim.Metadata.IsDeleting() && plan?.Kind is not PlanKind.ReleaseLease) return await BeginReleaseAsync(claim, cancel);
        if (plan is not null) return await CarryOnAsync(claim, plan, cancel);
        return await BeginAsync(key, claim, cancel);
    }

    /// <summary>Whoever made a tombstone is about to say what it stands for, and if it falls, says so when it is up again; unless the block went back meanwhile.</summary>
    async Task<TimeSpan?> DropUnlessMeantAsync(IPPoolClaim tombstone, CancellationToken cancel)
    {
        if (await release.IsMeantAsync(tombstone, cancel)) return TombstoneLook;
        if (tombstone.Metadata.IsDeleting()) return await LetGoAsync(tombstone, cancel);
        return await WithdrawAsync(tombstone, cancel);
    }

    async Task<TimeSpan?> HoldAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        var held = claim with { Metadata = claim.Metadata with { Finalizers = [.. claim.Metadata.Finalizers ?? [], EdgeNames.LeaseFinalizer] } };
        state.PoolClaims.Observe(await state.Api.ReplaceAsync(held, cancel));
        return TimeSpan.Zero;
    }

    /// <summary>The claim with word of its pause, or of its end; null when neither is news and work goes on.</summary>
    IPPoolClaim? Paused(IPPoolClaim claim)
    {
        var isPaused = claim.Metadata.Annotation(EdgeNames.PausedAnnotation) is "true";
        if (!isPaused && claim.Status?.Conditions?.Holds(ConditionTypes.Paused) is not true) return null;
        var finding = isPaused
            ? new Finding(ConditionTypes.Paused, ConditionStatus.True, Reasons.Paused, $"annotation {EdgeNames.PausedAnnotation} is set; nothing is done about this claim")
            : new Finding(ConditionTypes.Paused, ConditionStatus.False, Reasons.Resumed, "work goes on");
        return PoolClaimReport.Said(claim, finding, state.Time.GetUtcNow());
    }

    /// <summary>What is to be done about a claim without a plan: nothing, mostly.</summary>
    async Task<TimeSpan?> BeginAsync(WorkKey key, IPPoolClaim claim, CancellationToken cancel)
    {
        if (claim.Status?.Lease is not { } lease) return await BeginAcquireAsync(key, claim, cancel);
        if (lease.Confirmed is not true) return await BeginReleaseAsync(claim, cancel); // its plan was given up; whether the hub heard of the confirmation, nobody knows
        if (MustGoBack(claim)) return claim.IsManaged() ? await WithdrawAsync(claim, cancel) : await BeginReleaseAsync(claim, cancel);
        if (growing.Remove(claim.Uid) && acquire.Grown(claim) is { } parameters) return await PlanAsync(claim, PlanKind.GrowLease, parameters, finding: null, cancel);
        return await WriteAsync(claim, claim, again: null, cancel);
    }

    async Task<TimeSpan?> BeginAcquireAsync(WorkKey key, IPPoolClaim claim, CancellationToken cancel)
    {
        if (BlockSupply.IsRefused(claim) && !hopeful.Contains(key)) return await WriteAsync(claim, claim, again: null, cancel);
        if (acquire.RootOf(claim) is not { } root) return await WriteAsync(claim, Said(claim, state.Hub.Awaited?.Finding ?? AcquireSteps.Unmatched(claim)), again: null, cancel);

        var waiting = BlockSupply.IsRefused(claim) ? null : new Finding(ConditionTypes.Allocated, ConditionStatus.Unknown, Reasons.WaitingForLease, $"waiting for a lease of pool {root.Name}");
        var again = await PlanAsync(claim, PlanKind.AcquireLease, new() { Pool = root.Name, PrefixLength = claim.Spec.PrefixLength, Cidr = claim.Spec.Cidr }, waiting, cancel);
        hopeful.Remove(key); // only now: a write of unknown outcome is looked into again
        return again;
    }

    /// <summary>
    /// A block the hub asks back goes at once, and one whose pool somebody deletes; one that is frozen when it is empty:
    /// what is in it stays.
    /// </summary>
    bool MustGoBack(IPPoolClaim claim) => IsPoolGoing(claim) || LeaseBook.GrantsOf(claim).Any(static grant => grant.Draining is true)
        || (LeaseBook.GrantsOf(claim).Any(static grant => grant.Frozen is Reasons.LeaseRevoked or Reasons.LeaseNotActive or Reasons.LeaseNotFound or Reasons.LeaseConflict) && state.Book.Space(claim.Status?.BoundPoolName ?? "") is { } space && space.Count(Domain.Addressing.HoldKind.Allocation) == 0);

    bool IsPoolGoing(IPPoolClaim claim) => claim.Status is { Plan: null, BoundPoolName: { } name } && (state.Pools.Get(null, name) is not { } pool || pool.Metadata.IsDeleting());

    async Task<TimeSpan?> WithdrawAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        await state.Api.DeleteAsync<IPPoolClaim>(claim.Namespace, claim.Name, new DeleteOptions { Uid = claim.Uid }, cancel);
        return null;
    }

    /// <summary>Nothing was lent: the claim may go. Else its way back is planned.</summary>
    async Task<TimeSpan?> BeginReleaseAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        if (claim.Status?.Lease is not { Id: { } id, Epoch: { } epoch }) return await LetGoAsync(claim, cancel);
        return await PlanAsync(claim, PlanKind.ReleaseLease, new() { LeaseId = id, LeaseEpoch = epoch, ChildPool = ChildOf(claim) }, finding: null, cancel);
    }

    /// <summary>The claim's child pool, also one made right before a crash and not yet written down.</summary>
    string ChildOf(IPPoolClaim claim) => claim.Status?.BoundPoolName
        ?? state.Book.Pools.FirstOrDefault(pool => pool.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) == claim.Uid)?.Name
        ?? PoolReport.ChildName(claim.Name, claim.Uid, salt: 0);

    static readonly Finding Returning = new(ConditionTypes.Ready, ConditionStatus.False, Reasons.Draining, "the block is on its way back to the hub");

    /// <summary>Writes a plan down, and calls nobody.</summary>
    Task<TimeSpan?> PlanAsync(IPPoolClaim claim, PlanKind kind, PlanParameters parameters, Finding? finding, CancellationToken cancel)
    {
        var plan = PlanRules.Build(kind, state.NewId().ToString(), parameters);
        var wanted = Said(claim, finding, status => status with { Plan = plan });
        return WriteAsync(claim, kind is PlanKind.ReleaseLease ? PoolClaimReport.Releasing(wanted, Returning, state.Time.GetUtcNow()) : wanted, TimeSpan.Zero, cancel);
    }

    async Task<TimeSpan?> CarryOnAsync(IPPoolClaim claim, Plan plan, CancellationToken cancel)
    {
        if (PlanRules.Defect(plan) is { } defect) return await FailAsync(claim, plan, defect.TaskIndex, defect.Reason, defect.Message, cancel);

        var task = PlanRules.Next(plan)!;
        var step = plan.Kind is PlanKind.ReleaseLease ? await release.DoAsync(claim, plan, task, cancel) : await acquire.DoAsync(claim, plan, task, cancel);
        return step switch
        {
            PlanStep.Done(var next) => await WriteAsync(claim, next, TimeSpan.Zero, cancel, CallsHub(task) ? HubStanding.Answers : null),
            PlanStep.Later(var again, null) => again,
            PlanStep.Later(var again, { } waitsFor) => await WriteAsync(claim, PoolClaimReport.Releasing(claim, waitsFor, state.Time.GetUtcNow()), again, cancel),
            PlanStep.Refused(var reason, var message) => await FailAsync(claim, plan, PlanRules.IndexOf(plan, task), reason, message, cancel, CallsHub(task) ? HubStanding.Answers : null),
            PlanStep.Overtaken(var reason, var message) => await WriteAsync(claim, Said(claim, null, status => AcquireSteps.Forgotten(status, plan) with
            {
                Plan = PlanRules.Failed(plan, PlanRules.IndexOf(plan, task), reason, message),
            }), TimeSpan.Zero, cancel, HubStanding.Answers),
            PlanStep.Delayed(var why) => await SufferAsync(claim, plan, task, why, cancel),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>The hub has decided, or the plan is unsound. Only an acquiring plan says so of the claim: one that grows it leaves it as it is.</summary>
    Task<TimeSpan?> FailAsync(IPPoolClaim claim, Plan plan, int taskIndex, string reason, string message, CancellationToken cancel, Finding? hub = null)
    {
        var finding = plan.FailedPhase is { Length: > 0 } ? new Finding(ConditionTypes.Allocated, ConditionStatus.False, reason, message) : null;
        return WriteAsync(claim, Said(claim, finding, status => status with { Plan = PlanRules.Failed(plan, taskIndex, reason, message) }), TimeSpan.Zero, cancel, hub);
    }

    /// <summary>The hub cannot be asked: the claim says why, once, and the task is tried again as it is.</summary>
    async Task<TimeSpan?> SufferAsync(IPPoolClaim claim, Plan plan, PlanTask task, HubReason why, CancellationToken cancel)
    {
        if (plan.Kind is not PlanKind.ReleaseLease && PlanRules.MadeAt(plan) is { } madeAt && state.Time.GetUtcNow() - madeAt > PlanAgeMax)
        {
            return await WriteAsync(claim, Said(claim, null, status => status with { Plan = PlanRules.Failed(plan, PlanRules.IndexOf(plan, task), why.Reason, why.Message) }), TimeSpan.Zero, cancel);
        }

        if (await release.TryEntrustAsync(claim, plan, task, cancel)) return await LetGoAsync(claim, cancel);
        var waits = plan.Kind is PlanKind.AcquireLease && !BlockSupply.IsRefused(claim)
            ? new Finding(ConditionTypes.Allocated, ConditionStatus.Unknown, why.Reason, why.Message)
            : null;
        if (!why.ChangesNothing) await WriteAsync(claim, Said(claim, waits), again: null, cancel, why.Finding);
        throw new HubDelayException(why);
    }

    /// <summary>A plan that has ended is cleared; what comes next begins with the next look.</summary>
    async Task<TimeSpan?> ClearAsync(IPPoolClaim claim, Plan plan, CancellationToken cancel)
    {
        if (plan is { Kind: PlanKind.ReleaseLease, Phase: PlanPhase.Complete })
        {
            if (claim.Metadata.IsDeleting()) return await LetGoAsync(claim, cancel);
            var gone = new Finding(ConditionTypes.Allocated, ConditionStatus.Unknown, Reasons.Pending, "the block went back to the hub");
            return await WriteAsync(claim, Said(claim, gone, static status => status with { Plan = null, Lease = null, Growth = null, BoundPoolName = null }), TimeSpan.Zero, cancel);
        }

        if (plan is { Kind: PlanKind.GrowLease }) NoteGrowth(claim.Uid, plan.Phase is PlanPhase.Complete);
        return await WriteAsync(claim, Said(claim, null, static status => status with { Plan = null }), TimeSpan.Zero, cancel);
    }

    void NoteGrowth(string uid, bool succeeded)
    {
        if (succeeded)
        {
            stunted.Remove(uid);
            return;
        }

        var failures = stunted.TryGetValue(uid, out var failed) ? failed.Failures + 1 : 1;
        stunted[uid] = (failures, state.Time.GetUtcNow() + GrowPause.Delay(failures, state.Draw()));
    }

    /// <summary>The finalizer goes last.</summary>
    async Task<TimeSpan?> LetGoAsync(IPPoolClaim claim, CancellationToken cancel)
    {
        List<string> finalizers = [.. (claim.Metadata.Finalizers ?? []).Where(static finalizer => finalizer != EdgeNames.LeaseFinalizer)];
        await state.Api.ReplaceAsync(claim with { Metadata = claim.Metadata with { Finalizers = finalizers } }, cancel);
        stunted.Remove(claim.Uid);
        growing.Remove(claim.Uid);
        return null;
    }

    static bool CallsHub(PlanTask task) => task.Type is TaskType.RequestLease or TaskType.RecordOffer or TaskType.ConfirmLease or TaskType.ReleaseLease;

    /// <summary>What the claim last said of the hub: it stands until the claim asks the hub again.</summary>
    static Finding? OwnWord(IPPoolClaim claim) => claim.Status?.Conditions?.Find(ConditionTypes.HubConnected) is { } said ? new(said.Type, said.Status, said.Reason, said.Message) : null;

    IPPoolClaim Said(IPPoolClaim claim, Finding? allocated, Func<IPPoolClaimStatus, IPPoolClaimStatus>? change = null) =>
        PoolClaimReport.With(claim, allocated, change ?? (static status => status), state.Time.GetUtcNow());

    /// <summary>
    /// The one write of a look. It says of the hub what this look learned; while the plan's next task is a call to it, what
    /// the last such call learned; else how the agent stands with it.
    /// </summary>
    async Task<TimeSpan?> WriteAsync(IPPoolClaim claim, IPPoolClaim wanted, TimeSpan? again, CancellationToken cancel, Finding? hub = null)
    {
        hub ??= (claim.Status?.Plan is { } plan && PlanRules.Next(plan) is { } next && CallsHub(next) ? OwnWord(claim) : null) ?? state.Hub.Finding;
        wanted = PoolClaimReport.Said(wanted, hub, state.Time.GetUtcNow());
        var written = await statuses.WriteAsync(claim, wanted, state.PoolClaims, cancel);
        state.Leases.Written(written);
        return again;
    }
}

/// <summary>The hub cannot be asked at present; the work is tried again, later each time.</summary>
sealed class HubDelayException(HubReason why) : Exception(why.Message)
{
    public HubReason Why => why;
}

/// <summary>What came of one task. Closed.</summary>
abstract record PlanStep
{
    PlanStep()
    {
    }

    /// <summary>The claim as it is to be written.</summary>
    public sealed record Done(IPPoolClaim Next) : PlanStep;

    /// <summary>No progress; to be looked at again.</summary>
    /// <param name="WaitsFor">Condition Ready of a claim that is to go and cannot yet.</param>
    public sealed record Later(TimeSpan Again, Finding? WaitsFor = null) : PlanStep;

    /// <summary>The hub has decided against it.</summary>
    public sealed record Refused(string Reason, string Message) : PlanStep;

    /// <summary>The hub took the offer back, or knows the request under another wish: nothing was used of it, and a new plan asks anew.</summary>
    public sealed record Overtaken(string Reason, string Message) : PlanStep;

    /// <summary>The hub could not be asked.</summary>
    public sealed record Delayed(HubReason Why) : PlanStep;
}
