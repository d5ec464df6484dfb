using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Answers claims from local blocks: two writes, first the allocation, then the claim's status, and between them the API
/// server's word that nobody was there before. What was begun before a crash is found again by the claim's uid.
/// </summary>
sealed class ClaimReconciler(AgentState state, StatusWriter statuses, BlockSupply supply)
{
    /// <summary>An allocation that is stored is told of within this time, or looked for.</summary>
    static readonly TimeSpan ToldWithin = TimeSpan.FromSeconds(20);

    /// <summary>A write that nobody has heard of is not stored any more after this time: API servers give up on one after a minute.</summary>
    static readonly TimeSpan LandsWithin = TimeSpan.FromMinutes(2);

    /// <summary>Blocks taken in the book whose allocation has not been told of yet, by claim uid: tried again, they are the same.</summary>
    readonly Dictionary<string, Taken> unsettled = new(StringComparer.Ordinal);

    /// <summary>Those of them that are stored, by claim uid, and since when: the API server is yet to tell everybody.</summary>
    readonly Dictionary<string, long> untold = new(StringComparer.Ordinal);

    /// <summary>Set once everything that exists is in the book: until then nothing may be taken.</summary>
    bool isOpen;

    /// <summary>All that exists has been adopted; from here on blocks are given out.</summary>
    public void Open()
    {
        isOpen = true;
        state.Waiting.Watch();
        WakeWaiting();
    }

    public async Task ReconcileAsync(WorkKey key, CancellationToken cancel)
    {
        if (state.Claims.Get(key.Namespace, key.Name) is not { } claim || claim.Metadata.IsDeleting()) return;
        if (claim.IsBound() && !unsettled.ContainsKey(claim.Uid))
        {
            if (await HoldsAsync(claim, cancel))
            {
                await ObserveAsync(claim, cancel);
                return;
            }

            claim = WithoutBlock(claim);
        }

        if (state.Book.AllocationOf(claim.Uid) is { } allocation)
        {
            var pool = SeenAs(claim, allocation);
            await statuses.WriteAsync(claim, claim.Bound(allocation.Spec.Cidr!.Value, pool, allocation.Name, state.Time.GetUtcNow()), state.Claims, cancel);
            return;
        }

        if (await TryRebindAsync(claim, cancel)) return;

        var verdict = unsettled.GetValueOrDefault(claim.Uid)?.Granted ?? Evaluate(claim);
        if (verdict is ClaimVerdict.Granted granted)
        {
            if (!untold.ContainsKey(claim.Uid)) await AllocateAsync(claim, granted, cancel);
            return;
        }

        if (verdict is ClaimVerdict.Waiting { Ask: { } request }) await supply.AskAsync(request, cancel);
        await ReportAsync(claim, verdict, cancel);
    }

    /// <summary>The API server told of an allocation: whether a block that was taken is the claim's is known from here on.</summary>
    public void Told(IPAllocation allocation)
    {
        if (allocation.Spec.ClaimRef?.Uid is not { } uid || !unsettled.TryGetValue(uid, out var taken) || allocation.Name != taken.Allocation) return;
        Forget(uid);
        state.Local.Add(taken.Claim);
    }

    /// <summary>Somebody else's allocation was first: the claim gets another block.</summary>
    public void Displaced(string pool, Cidr block)
    {
        var (uid, taken) = unsettled.First(entry => entry.Value.Granted.From.Pool == pool && entry.Value.Granted.Block == block);
        Forget(uid);
        state.Local.Add(taken.Claim);
    }

    /// <summary>Looks for what was stored and never told of: it may be gone already.</summary>
    public async Task FindUntoldAsync(CancellationToken cancel)
    {
        foreach (var uid in untold.Where(entry => state.Time.GetElapsedTime(entry.Value) > ToldWithin).Select(static entry => entry.Key).ToList()) await SettleAsync(uid, cancel);
    }

    /// <summary>Claims that are gone, of which nobody has found out yet what became of the block taken for them.</summary>
    public IEnumerable<string> Abandoned => unsettled.Where(entry => state.Claims.Get(entry.Value.Claim.Namespace, entry.Value.Claim.Name)?.Uid != entry.Key).Select(static entry => entry.Key);

    void Forget(string claimUid)
    {
        unsettled.Remove(claimUid);
        untold.Remove(claimUid);
    }

    /// <summary>What may change of a bound claim is what becomes of its block after it: its allocation carries that.</summary>
    async Task ObserveAsync(IPClaim claim, CancellationToken cancel)
    {
        if (claim.Status?.ObservedGeneration == claim.Metadata.Generation) return;
        if (state.Book.AllocationOf(claim.Uid) is { } allocation && allocation.Spec.ReclaimPolicy != claim.Spec.ReclaimPolicy)
        {
            state.Allocations.Observe(await state.Api.ReplaceAsync(allocation with { Spec = allocation.Spec with { ReclaimPolicy = claim.Spec.ReclaimPolicy } }, cancel));
        }

        await statuses.WriteAsync(claim, claim.Observed(state.Time.GetUtcNow()), state.Claims, cancel);
    }

    /// <summary>
    /// Something changed that may help claims that are not bound: what there is room for is taken at once, oldest first,
    /// so that none that is just being looked at overtakes another. Those that got a block, or are to be told something
    /// else, are looked at.
    /// </summary>
    public void WakeWaiting()
    {
        if (!isOpen) return;
        var order = state.Waiting.InOrder();
        while (order.TryNext(out var claim)) order.Answered(order.Refusal is { } refusal ? Wake(claim, refusal) : Serve(claim));
    }

    /// <summary>Whether some claim still waits for room in this pool.</summary>
    public bool IsAwaited(string pool) => state.Waiting.IsAwaited(pool, state.Pools.Get(null, pool));

    /// <summary>An allocation may be a waiting claim's, or be kept for one of its name.</summary>
    public void Found(IPAllocation allocation)
    {
        if (allocation.Spec.ClaimRef is { } owner && state.Claims.Get(owner.Namespace, owner.Name!) is { } claim && claim.IsWaiting()) Wake(claim, null);
    }

    /// <summary>Takes the block there is for a claim; else answers what is to be said of there being none.</summary>
    Finding? Serve(IPClaim claim)
    {
        if (!IsUnanswered(claim)) return Wake(claim, null);
        var verdict = Evaluate(claim);
        if (verdict is ClaimVerdict.Granted granted)
        {
            Take(claim, granted);
            return Wake(claim, null);
        }

        var isNews = verdict is ClaimVerdict.Waiting { Ask: not null } || verdict.Finding != claim.Said();
        return isNews ? Wake(claim, verdict.Finding) : verdict.Finding;
    }

    Finding? Wake(IPClaim claim, Finding? refusal)
    {
        state.Local.Add(new(claim.Namespace!, claim.Name));
        return refusal;
    }

    bool IsUnanswered(IPClaim claim) => !unsettled.ContainsKey(claim.Uid) && state.Book.AllocationOf(claim.Uid) is null;

    ClaimVerdict Evaluate(IPClaim claim)
    {
        ClaimTarget target = claim.Spec.PoolRef?.Name is { } name
            ? new ClaimTarget.Named(name, state.Book.Pool(name) is { } pool ? state.Book.Offer(pool, supply.Of) : null)
            : new ClaimTarget.Selected(claim.Spec.PoolSelector!.ToString(),
                [.. state.Book.Pools.Where(pool => !pool.IsManaged() && claim.Spec.PoolSelector.Matches(pool.Metadata.Labels)).Select(pool => state.Book.Offer(pool, supply.Of))]);
        var verdict = ClaimEvaluation.Evaluate(claim.Spec.Wish(target));
        return verdict is ClaimVerdict.Refused { Reason: Reasons.PoolNotFound or Reasons.NoMatchingPool } && state.Hub.Awaited is { } awaited ? awaited : verdict;
    }

    /// <summary>
    /// Takes the block in the book first: whatever becomes of the write, nobody else gets it meanwhile. A write of
    /// unknown outcome is repeated as it was, and finds its own object. It counts once it is told of.
    /// </summary>
    async Task AllocateAsync(IPClaim claim, ClaimVerdict.Granted granted, CancellationToken cancel)
    {
        if (!unsettled.ContainsKey(claim.Uid)) Take(claim, granted);
        var taken = unsettled[claim.Uid];
        var before = taken.Landing;
        taken.Landing = state.Time.GetTimestamp();
        try
        {
            await state.Api.CreateAsync(Allocation(claim, granted), cancel: cancel);
            taken.Landing = null;
            if (ReferenceEquals(unsettled.GetValueOrDefault(claim.Uid)?.Granted, granted)) untold.TryAdd(claim.Uid, state.Time.GetTimestamp());
        }
        catch (KubernetesApiException e) when (e.Code is >= 400 and < 500)
        {
            taken.Landing = before; // this one was refused; of one before it nobody knows as much
            if (!await SettleAsync(claim.Uid, cancel)) throw;
        }
    }

    void Take(IPClaim claim, ClaimVerdict.Granted granted)
    {
        unsettled.Add(claim.Uid, new(granted, new(claim.Namespace!, claim.Name)));
        state.Book.Hold(granted.From.Pool, granted.Block, ClaimReport.Owner(claim.Namespace, claim.Name));
    }

    /// <summary>A block taken in the book for a claim.</summary>
    sealed record Taken(ClaimVerdict.Granted Granted, WorkKey Claim)
    {
        public string Allocation => IPAllocation.NameOf(Granted.From.Pool, Granted.Block);

        /// <summary>When a write was begun that may yet be stored: it is under way, or its outcome is not known. Null when there is none.</summary>
        public long? Landing { get; set; }
    }

    /// <summary>
    /// Finds out what became of a claim's unsettled write; true when the allocation is the claim's, and is told of soon. What may yet be stored is taken
    /// until it cannot be.
    /// </summary>
    public async Task<bool> SettleAsync(string claimUid, CancellationToken cancel)
    {
        if (!unsettled.TryGetValue(claimUid, out var taken)) return false;
        var stored = await state.Api.GetAsync<IPAllocation>(null, taken.Allocation, cancel);
        if (!ReferenceEquals(unsettled.GetValueOrDefault(claimUid), taken)) return true; // told of meanwhile
        if (stored?.Spec.ClaimRef?.Uid == claimUid)
        {
            untold[claimUid] = state.Time.GetTimestamp();
            return true;
        }

        if (stored is null && taken.Landing is { } begun && state.Time.GetElapsedTime(begun) < LandsWithin) return false; // it stays taken

        Forget(claimUid);
        state.Book.Give(taken.Granted.From.Pool, taken.Granted.Block, ClaimReport.Owner(taken.Claim.Namespace, taken.Claim.Name));
        if (stored is null) WakeWaiting();
        return false;
    }

    /// <summary>
    /// Whether a bound claim holds what its status says. A status may have been edited by hand: the allocation counts, and
    /// where there is none but the block is free, it is written down again. Not in the book is not yet not there.
    /// </summary>
    async Task<bool> HoldsAsync(IPClaim claim, CancellationToken cancel)
    {
        var said = claim.Status!;
        if (state.Book.AllocationOf(claim.Uid) is { } held) return held.Name == said.BoundAllocationRef?.Name && held.Spec.Cidr == said.AllocatedCIDR;
        if (said.BoundAllocationRef?.Name is not { } name || said.AllocatedCIDR is not { } block) return false;
        if (await state.Api.GetAsync<IPAllocation>(null, name, cancel) is { } there) return there.Spec.ClaimRef?.Uid == claim.Uid;
        if (IPAllocation.PoolOf(name, block) is { } pool) TryTakeAgain(claim, pool, block);
        return false;
    }

    /// <summary>A status that says of a block what is not so begins anew.</summary>
    static IPClaim WithoutBlock(IPClaim claim) => claim with { Status = claim.Status! with { AllocatedCIDR = null, BoundPoolRef = null, BoundAllocationRef = null } };

    /// <summary>
    /// An allocation went although its claim holds it, by somebody's hand: the block stays the claim's, and is written
    /// down again.
    /// </summary>
    public void Keep(IPAllocation lost)
    {
        if (!Quarantine.IsWhole(lost) || lost.Spec.ClaimRef is not { } owner || state.Claims.Get(owner.Namespace, owner.Name!) is not { } claim) return;
        if (claim.Uid != owner.Uid || claim.Metadata.IsDeleting() || !claim.IsBound() || claim.Status?.BoundAllocationRef?.Name != lost.Name) return;
        if (TryTakeAgain(claim, lost.Spec.PoolRef!.Name!, lost.Spec.Cidr!.Value)) state.Local.Add(new(claim.Namespace!, claim.Name));
    }

    bool TryTakeAgain(IPClaim claim, string pool, Cidr block)
    {
        if (state.Book.Space(pool) is not { } space || !space.IsFree(block) || unsettled.ContainsKey(claim.Uid)) return false;
        Take(claim, new ClaimVerdict.Granted(new() { Name = claim.Status!.BoundPoolRef?.Name ?? pool, Root = space.Root, Rules = null, Blocks = [], Reservations = [] }, new BlockOffer(pool, space), block));
        return true;
    }

    /// <summary>
    /// A claim of the same name takes up the block that was kept for it, if it asks for the like. Like any other block it is the
    /// claim's once that is told: another agent may have been first with another.
    /// </summary>
    async Task<bool> TryRebindAsync(IPClaim claim, CancellationToken cancel)
    {
        if (unsettled.ContainsKey(claim.Uid) || state.Book.FindRetained(ClaimReport.Owner(claim.Namespace, claim.Name)) is not { } kept || !IsLike(claim, kept)) return false;
        var spec = kept.Spec with { ClaimRef = kept.Spec.ClaimRef! with { Uid = claim.Uid }, ReclaimPolicy = claim.Spec.ReclaimPolicy };
        if (spec.ClaimRef != kept.Spec.ClaimRef || spec.ReclaimPolicy != kept.Spec.ReclaimPolicy) kept = await state.Api.ReplaceAsync(kept with { Spec = spec }, cancel);
        await state.Api.ReplaceStatusAsync(kept with { Status = (kept.Status ?? new()) with { Phase = AllocationPhase.Ready } }, cancel);
        return true;
    }

    bool IsLike(IPClaim claim, IPAllocation kept)
    {
        var (block, child) = (kept.Spec.Cidr!.Value, state.Book.Pool(kept.Spec.PoolRef!.Name!));
        if (child is null || (claim.Spec.PrefixLength ?? block.Length) != block.Length || (claim.Spec.Cidr ?? block) != block) return false;
        var seen = child.IsManaged() ? state.Book.Pool(child.Spec.ParentPoolRef!.Name!) ?? child : child;
        return claim.Spec.PoolRef?.Name is { } wanted ? wanted == child.Name || wanted == seen.Name : claim.Spec.PoolSelector!.Matches(seen.Metadata.Labels);
    }

    async Task ReportAsync(IPClaim claim, ClaimVerdict verdict, CancellationToken cancel)
    {
        try
        {
            await statuses.WriteAsync(claim, claim.With(verdict, state.Time.GetUtcNow()), state.Claims, cancel);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            // The claim went meanwhile; its allocation is found to have no claim, and goes too.
            state.Local.Add(new(claim.Namespace!, claim.Name));
        }
    }

    /// <summary>The pool as the claim sees it: what it asked for by name, else the root its block came through.</summary>
    string SeenAs(IPClaim claim, IPAllocation allocation)
    {
        var child = allocation.Spec.PoolRef!.Name!;
        return claim.Spec.PoolRef?.Name ?? (state.Book.Pool(child) is { } pool && pool.IsManaged() ? pool.Spec.ParentPoolRef!.Name! : child);
    }

    static IPAllocation Allocation(IPClaim claim, ClaimVerdict.Granted granted) => new()
    {
        Metadata = new() { Name = IPAllocation.NameOf(granted.From.Pool, granted.Block), Labels = EdgeNames.Managed },
        Spec = new()
        {
            Cidr = granted.Block,
            PoolRef = new() { Name = granted.From.Pool },
            ClaimRef = new() { Namespace = claim.Namespace, Name = claim.Name, Uid = claim.Uid },
            ReclaimPolicy = claim.Spec.ReclaimPolicy,
        },
    };
}
