using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.Edge;

/// <summary>
/// Where local claims get more room: the agent files pool claims of its own against a mirrored root. First of the root's
/// usual lease size; when the hub has no such block, of exactly the size a claim needs.
/// </summary>
sealed class BlockSupply(AgentState state)
{
    /// <summary>Names of pool claims that are just being filed: one is enough for all that wait.</summary>
    readonly HashSet<string> asking = new(StringComparer.Ordinal);

    /// <summary>What becomes of a claim that needs this much more of a root pool.</summary>
    public Supply Of(BlockRequest request)
    {
        var filed = Filed(request.Pool).ToList();
        if (filed.Find(claim => IsOpen(claim) && Fits(claim, request)) is { } open) return Awaited(open);
        return filed.Find(claim => IsRefused(claim) && claim.Spec.Cidr == request.Block && claim.Spec.PrefixLength == request.PrefixLength) is { } refused
            ? Denied(refused)
            : new Supply.Askable();
    }

    /// <summary>Files a pool claim for this much, once.</summary>
    public async Task AskAsync(BlockRequest request, CancellationToken cancel)
    {
        var filed = Filed(request.Pool).ToList();
        if (filed.Exists(claim => IsOpen(claim) && Fits(claim, request))) return;

        var usual = UsualLength(request);
        var isUsualRefused = filed.Exists(claim => IsRefused(claim) && claim.Spec.PrefixLength == usual && claim.Spec.Cidr is null);
        var length = request.Block is null && !isUsualRefused ? usual : request.PrefixLength;
        var number = 0;
        while (state.PoolClaims.Get(state.Options.Namespace, EdgeNames.ManagedClaim(request.Pool, length, number, request.Block)) is not null && request.Block is null) number++;
        var name = EdgeNames.ManagedClaim(request.Pool, length, number, request.Block);
        if (!asking.Add(name)) return;
        try
        {
            await CreateAsync(request, length, name, cancel);
        }
        finally
        {
            asking.Remove(name);
        }
    }

    /// <summary>Withdraws refused pool claims that nobody waits for any more.</summary>
    public async Task DropUnneededAsync(Func<string, bool> isAwaited, CancellationToken cancel)
    {
        foreach (var claim in state.PoolClaims.Items.Where(claim => claim.IsManaged() && IsRefused(claim) && !claim.Metadata.IsDeleting() && !isAwaited(claim.Spec.ParentPoolRef!.Name!)).ToList())
        {
            try
            {
                await state.Api.DeleteAsync<IPPoolClaim>(claim.Namespace, claim.Name, new DeleteOptions { Uid = claim.Uid }, cancel);
            }
            catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
            {
                // Withdrawn at the next look.
            }
        }
    }

    /// <summary>The pool claims the agent filed against a root.</summary>
    public IEnumerable<IPPoolClaim> Filed(string pool) =>
        state.PoolClaims.Items.Where(claim => claim.IsManaged() && !claim.IsTombstone() && claim.Spec.ParentPoolRef?.Name == pool && !claim.Metadata.IsDeleting());

    /// <summary>The usual size of a block of this root.</summary>
    public int UsualLength(string root) => state.Book.Pool(root)?.Spec is { Cidr: { } space } spec ? spec.LeaseSizes(space).DefaultPrefixLength : 128;

    /// <summary>Whether a block of this root is on its way, or was refused.</summary>
    public bool IsUnsettled(string root) => Filed(root).Any(claim => IsOpen(claim) || IsRefused(claim) || claim.Status?.Plan is not null);

    public static bool IsRefused(IPPoolClaim claim) => claim.Status?.Phase is ClaimPhase.Error;

    /// <summary>Whether its block is still to come: asked for, or granted and not yet in the book.</summary>
    bool IsOpen(IPPoolClaim claim) => claim.Status switch
    {
        { Phase: ClaimPhase.Error } => false,
        { Phase: ClaimPhase.Bound, BoundPoolName: { } pool } => state.Book.Space(pool) is null,
        _ => true,
    };

    static bool Fits(IPPoolClaim claim, BlockRequest request) =>
        request.Block is { } block ? claim.Spec.Cidr is { } asked && asked.Contains(block) : claim.Spec.Cidr is null && claim.Spec.PrefixLength <= request.PrefixLength;

    static Supply.Awaited Awaited(IPPoolClaim claim)
    {
        var why = claim.Status?.Conditions?.Find(ConditionTypes.Allocated);
        return why is { Status: ConditionStatus.Unknown }
            ? new(why.Reason, why.Message)
            : new(Reasons.WaitingForLease, $"waiting for a lease of pool {claim.Spec.ParentPoolRef!.Name}");
    }

    static Supply.Denied Denied(IPPoolClaim claim)
    {
        var why = claim.Status!.Conditions!.Find(ConditionTypes.Allocated)!;
        return new(why.Reason, why.Message);
    }

    /// <summary>The root's usual lease size, but large enough for the claim, within what the root leases.</summary>
    int UsualLength(BlockRequest request)
    {
        if (state.Book.Pool(request.Pool) is not { Spec.Cidr: { } root } pool) return request.PrefixLength;
        var rules = pool.Spec.LeaseSizes(root);
        return Math.Clamp(Math.Min(rules.DefaultPrefixLength, request.PrefixLength), rules.MinPrefixLength, rules.MaxPrefixLength);
    }

    async Task CreateAsync(BlockRequest request, int length, string name, CancellationToken cancel)
    {
        try
        {
            state.PoolClaims.Observe(await state.Api.CreateAsync(new IPPoolClaim
            {
                Metadata = new() { Name = name, Namespace = state.Options.Namespace, Labels = EdgeNames.Managed, Finalizers = [EdgeNames.LeaseFinalizer] },
                Spec = new() { ParentPoolRef = new() { Name = request.Pool }, PrefixLength = length, Cidr = request.Block },
            }.Marked(), cancel: cancel));
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // Filed before; the copy will show it.
        }
    }
}
