using Federation.Domain.Claims;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Answers claims from local blocks: two writes, first the allocation, then the claim's status. What was begun before a
/// crash is found again by the claim's uid.
/// </summary>
sealed class ClaimReconciler(AgentState state, StatusWriter statuses, BlockSupply supply)
{
    /// <summary>Blocks taken in the book whose allocation has not been seen yet, by claim uid: tried again, they are the same.</summary>
    readonly Dictionary<string, ClaimVerdict.Granted> unsettled = new(StringComparer.Ordinal);

    /// <summary>Set once everything that exists is in the book: until then nothing may be taken.</summary>
    bool isOpen;

    /// <summary>All that exists has been adopted; from here on blocks are given out.</summary>
    public void Open()
    {
        isOpen = true;
        WakeWaiting();
    }

    public async Task ReconcileAsync(WorkKey key, CancellationToken cancel)
    {
        if (state.Claims.Get(key.Namespace, key.Name) is not { } claim || claim.Metadata.IsDeleting() || claim.IsBound()) return;

        if (state.Book.AllocationOf(claim.Uid) is { } allocation)
        {
            var pool = SeenAs(claim, allocation);
            await statuses.WriteAsync(claim, claim.Bound(allocation.Spec.Cidr!.Value, pool, allocation.Name, state.Time.GetUtcNow()), state.Claims, cancel);
            return;
        }

        var verdict = unsettled.GetValueOrDefault(claim.Uid) ?? Evaluate(claim);
        if (verdict is ClaimVerdict.Granted granted) await AllocateAsync(claim, granted, cancel);
        if (verdict is ClaimVerdict.Waiting { Ask: { } request }) await supply.AskAsync(request, cancel);
        await ReportAsync(claim, verdict, cancel);
    }

    /// <summary>
    /// Something changed that may help claims that are not bound: what there is room for is taken at once, oldest first,
    /// so that none that is just being looked at overtakes another; then each is looked at.
    /// </summary>
    public void WakeWaiting()
    {
        foreach (var claim in Unbound())
        {
            if (isOpen && IsUnanswered(claim) && Evaluate(claim) is ClaimVerdict.Granted granted) Take(claim, granted);
            state.Local.Add(new(claim.Namespace!, claim.Name));
        }
    }

    /// <summary>Whether some claim still waits for room in this pool.</summary>
    public bool IsAwaited(string pool) => Unbound().Any(claim => claim.Spec.PoolRef?.Name is { } name
        ? name == pool
        : state.Pools.Get(null, pool) is { } root && claim.Spec.PoolSelector!.Matches(root.Metadata.Labels));

    IEnumerable<IPClaim> Unbound() => state.Claims.Items.Where(static claim => !claim.IsBound() && !claim.Metadata.IsDeleting())
        .OrderBy(static claim => claim.Metadata.CreationTimestamp).ThenBy(static claim => claim.Uid, StringComparer.Ordinal);

    bool IsUnanswered(IPClaim claim) => !unsettled.ContainsKey(claim.Uid) && state.Book.AllocationOf(claim.Uid) is null;

    ClaimVerdict Evaluate(IPClaim claim)
    {
        ClaimTarget target = claim.Spec.PoolRef?.Name is { } name
            ? new ClaimTarget.Named(name, state.Book.Pool(name) is { } pool ? state.Book.Offer(pool, supply.Of) : null)
            : new ClaimTarget.Selected(claim.Spec.PoolSelector!.ToString(),
                [.. state.Book.Pools.Where(pool => !pool.IsManaged() && claim.Spec.PoolSelector.Matches(pool.Metadata.Labels)).Select(pool => state.Book.Offer(pool, supply.Of))]);
        return ClaimEvaluation.Evaluate(claim.Spec.Wish(target));
    }

    /// <summary>
    /// Takes the block in the book first: whatever becomes of the write, nobody else gets it meanwhile. A write of
    /// unknown outcome is repeated as it was, and finds its own object.
    /// </summary>
    async Task AllocateAsync(IPClaim claim, ClaimVerdict.Granted granted, CancellationToken cancel)
    {
        if (!unsettled.ContainsKey(claim.Uid)) Take(claim, granted);
        try
        {
            state.Book.Record(await state.Api.CreateAsync(Allocation(claim, granted), cancel: cancel));
            unsettled.Remove(claim.Uid);
        }
        catch (KubernetesApiException e) when (e.Code is >= 400 and < 500)
        {
            if (!await SettleAsync(claim.Uid, cancel)) throw;
        }
    }

    void Take(IPClaim claim, ClaimVerdict.Granted granted)
    {
        unsettled.Add(claim.Uid, granted);
        state.Book.Hold(granted.From.Pool, granted.Block, ClaimReport.Owner(claim.Namespace, claim.Name));
    }

    /// <summary>Finds out what became of a claim's unsettled write; true when the block is the claim's.</summary>
    public async Task<bool> SettleAsync(string claimUid, CancellationToken cancel)
    {
        if (!unsettled.TryGetValue(claimUid, out var granted)) return false;
        var stored = await state.Api.GetAsync<IPAllocation>(null, IPAllocation.NameOf(granted.From.Pool, granted.Block), cancel);
        unsettled.Remove(claimUid);
        if (stored is null)
        {
            state.Book.Give(granted.From.Pool, granted.Block);
            WakeWaiting();
            return false;
        }

        state.Book.Record(stored);
        return stored.Spec.ClaimRef?.Uid == claimUid;
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
        Metadata = new() { Name = IPAllocation.NameOf(granted.From.Pool, granted.Block) },
        Spec = new()
        {
            Cidr = granted.Block,
            PoolRef = new() { Name = granted.From.Pool },
            ClaimRef = new() { Namespace = claim.Namespace, Name = claim.Name, Uid = claim.Uid },
            ReclaimPolicy = claim.Spec.ReclaimPolicy,
        },
    };
}
