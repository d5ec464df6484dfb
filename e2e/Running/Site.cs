using System.Text.RegularExpressions;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>An API and a namespace in it: where claims are filed and end in a status.</summary>
sealed partial class Site(IKubernetesApi api, string ns, Patience patience)
{
    CancellationToken Cancel => patience.Cancel;

    public IKubernetesApi Api => api;

    public Patience Patience => patience;

    public string Namespace => ns;

    public Task<IPClaim> ClaimAsync(string name, string pool, int? length = null, Func<IPClaimSpec, IPClaimSpec>? but = null)
    {
        var spec = new IPClaimSpec { PoolRef = new() { Name = pool }, PrefixLength = length };
        return ClaimAsync(name, but?.Invoke(spec) ?? spec);
    }

    public Task<IPClaim> ClaimAsync(string name, IPClaimSpec spec) =>
        api.CreateAsync(new IPClaim { Metadata = new() { Name = name, Namespace = ns }, Spec = spec }, cancel: Cancel);

    public Task<IPPoolClaim> PoolClaimAsync(string name, string parent, int length) => api.CreateAsync(
        new IPPoolClaim { Metadata = new() { Name = name, Namespace = ns }, Spec = new() { ParentPoolRef = new() { Name = parent }, PrefixLength = length } }, cancel: Cancel);

    public async Task<IPClaim> BoundAsync(string name) => (await patience.UntilAsync(
        () => api.GetAsync<IPClaim>(ns, name, Cancel),
        static claim => claim is { Status.Phase: ClaimPhase.Bound } && claim.IsBound() && claim.Status.AllocatedCIDR is not null,
        claim => $"claim {name} is not bound: {Describe(claim)}"))!;

    /// <summary>The claim waits, for one of these reasons.</summary>
    public Task WaitsAsync(string name, IReadOnlyList<string> reasons) => patience.UntilAsync(
        () => api.GetAsync<IPClaim>(ns, name, Cancel),
        claim => claim?.Status is { Phase: ClaimPhase.Pending, Conditions: { } said } && said.Find(ConditionTypes.Allocated) is { Status: ConditionStatus.Unknown } found && reasons.Contains(found.Reason),
        claim => $"claim {name} does not wait for {string.Join(" or ", reasons)}: {Describe(claim)}");

    /// <summary>A condition of an object, once it is so.</summary>
    public async Task<Condition> ConditionIsAsync<T>(string? inNamespace, string name, string type, Func<Condition, bool> isSo, string what) where T : Resource => (await patience.UntilAsync(
        async () => ConditionsOf(await api.GetAsync<T>(inNamespace, name, Cancel))?.Find(type),
        found => found is not null && isSo(found),
        found => $"{typeof(T).Name} {name} does not say {what} in {type}: {(found is null ? "nothing" : $"{found.Status} {found.Reason} \"{found.Message}\"")}"))!;

    static IReadOnlyList<Condition>? ConditionsOf(Resource? resource) => resource switch
    {
        IPPool pool => pool.Status?.Conditions,
        IPClaim claim => claim.Status?.Conditions,
        IPPoolClaim claim => claim.Status?.Conditions,
        IPLease lease => lease.Status?.Conditions,
        Resources.Edge edge => edge.Status?.Conditions,
        FederationObject fleet => fleet.Status?.Conditions,
        _ => null,
    };

    /// <summary>The pool's space is this block.</summary>
    public Task PoolHasAsync(string name, Cidr block) => patience.UntilAsync(
        () => api.GetAsync<IPPool>(null, name, Cancel), pool => pool?.Status?.AllocatedCIDR == block, pool => $"pool {name} has {pool?.Status?.AllocatedCIDR}, not {block}");

    /// <summary>The pool cannot be used, for this reason.</summary>
    public Task PoolSaysAsync(string name, string reason) => patience.UntilAsync(
        () => api.GetAsync<IPPool>(null, name, Cancel),
        pool => pool?.Status?.Conditions?.Find(ConditionTypes.Ready) is { Status: ConditionStatus.False } found && found.Reason == reason,
        pool => $"pool {name} does not say {reason}: {pool?.Status?.Conditions?.Find(ConditionTypes.Ready)?.Reason}");

    public async Task<Cidr> BlockAsync(string name) => (await BoundAsync(name)).Status!.AllocatedCIDR!.Value;

    /// <summary>A claim filed and bound; its block.</summary>
    public async Task<Cidr> ClaimedAsync(string name, string pool, int? length = null)
    {
        await ClaimAsync(name, pool, length);
        return await BlockAsync(name);
    }

    /// <summary>The claim ends unsatisfied for this reason, holding nothing.</summary>
    public async Task<IPClaim> FailsAsync(string name, string reason)
    {
        var claim = (await patience.UntilAsync(
            () => api.GetAsync<IPClaim>(ns, name, Cancel),
            claim => Expected(claim, reason),
            claim => $"claim {name} does not say {reason}: {Describe(claim)}"))!;
        Expect.Equal(0, (await AllocationsOfAsync(name)).Count, $"number of allocations of {name}");
        return claim;
    }

    public async Task<IPPool> PoolBoundAsync(string name)
    {
        var claim = await patience.UntilAsync(
            () => api.GetAsync<IPPoolClaim>(ns, name, Cancel),
            static claim => claim is { Status: { Phase: ClaimPhase.Bound, BoundPoolName: not null } },
            claim => $"pool claim {name} is not bound: {Describe(claim?.Status?.Conditions)}");
        return await PoolAsync(claim!.Status!.BoundPoolName!);
    }

    /// <summary>A pool as this site sees it, once it has a block.</summary>
    public async Task<IPPool> PoolAsync(string name) => (await patience.UntilAsync(
        () => api.GetAsync<IPPool>(null, name, Cancel),
        static pool => pool?.Status?.AllocatedCIDR is not null,
        pool => $"pool {name} {(pool is null ? "does not exist" : "has no block")}"))!;

    public Task ClaimIsAsync(string name, Func<IPClaim, bool> isSo, string what) => patience.UntilAsync(
        () => api.GetAsync<IPClaim>(ns, name, Cancel), claim => claim is not null && isSo(claim), claim => $"claim {name} is not {what}: {claim?.Status?.AllocatedCIDR} {Describe(claim)}");

    public async Task<IPAllocation> AllocationIsAsync(string name, Func<IPAllocation?, bool> isSo, string what) => (await patience.UntilAsync(
        () => api.GetAsync<IPAllocation>(null, name, Cancel), isSo, allocation => $"allocation {name} is not {what}: {Describe(allocation?.Status?.Conditions)}"))!;

    /// <summary>The pool is gone; another may have taken its name.</summary>
    public Task PoolIsReplacedAsync(IPPool old) => patience.UntilAsync(
        () => api.GetAsync<IPPool>(null, old.Name, Cancel), pool => pool?.Uid != old.Uid, _ => $"pool {old.Name} is still there");

    /// <summary>The one child pool this site has of a root. Picked here: not every API server knows field selectors of our kinds.</summary>
    public async Task<IPPool> ChildOfAsync(string root) => (await api.ListAsync<IPPool>(new(), Cancel)).Items.Single(pool => pool.Spec.ParentPoolRef?.Name == root);

    public Task PoolClaimFailsAsync(string name, string reason) => patience.UntilAsync(
        () => api.GetAsync<IPPoolClaim>(ns, name, Cancel),
        claim => claim?.Status?.Phase is ClaimPhase.Error && claim.Status.Conditions?.Find(ConditionTypes.Allocated)?.Reason == reason,
        claim => $"pool claim {name} does not say {reason}: {Describe(claim?.Status?.Conditions)}");

    /// <summary>Deletes a claim and waits until it and its allocation are gone.</summary>
    public async Task DeleteClaimAsync(string name)
    {
        await api.DeleteAsync<IPClaim>(ns, name, cancel: Cancel);
        await GoneAsync<IPClaim>(ns, name);
        await patience.UntilAsync(() => AllocationsOfAsync(name), static found => found.Count == 0, found => $"allocation {found[0].Name} of {name} is still there");
    }

    public Task GoneAsync<T>(string? inNamespace, string name) where T : Resource => patience.UntilAsync(
        () => api.GetAsync<T>(inNamespace, name, Cancel), static found => found is null, _ => $"{typeof(T).Name} {name} is still there");

    public async Task<IReadOnlyList<IPAllocation>> AllocationsOfAsync(string claim) =>
        [.. (await AllocationsAsync()).Where(allocation => allocation.Spec.ClaimRef!.Name == claim)];

    /// <summary>The allocations of all claims of this namespace.</summary>
    public async Task<IReadOnlyList<IPAllocation>> AllocationsAsync() =>
        [.. (await api.ListAsync<IPAllocation>(new(), Cancel)).Items.Where(allocation => allocation.Spec.ClaimRef?.Namespace == ns)];

    public async Task<IReadOnlyList<IPClaim>> ClaimsAsync() => (await api.ListAsync<IPClaim>(new() { Namespace = ns }, Cancel)).Items;

    public Task<IReadOnlyList<IPClaim>> AllClaimsAsync(Func<IPClaim, bool> are, string what) => patience.UntilAsync(
        ClaimsAsync, claims => claims.All(are), claims => $"{claims.Count(claim => !are(claim))} of {claims.Count} claims are not {what}, as {Describe(claims.First(claim => !are(claim)))}");

    /// <summary>The addresses that are free in a pool, as soon as they are as many as expected.</summary>
    public Task AvailableIsAsync(string pool, AddressCount expected) => patience.UntilAsync(
        () => api.GetAsync<IPPool>(null, pool, Cancel),
        found => found?.Status?.Capacity?.Available == expected.ToString(),
        found => $"capacity.available of pool {pool} is {found?.Status?.Capacity?.Available}, not {expected}");

    /// <summary>What claims and pool claims ended in, without what may differ between topologies: blocks and made-up names.</summary>
    public async Task<IReadOnlyList<string>> FinalStatusesAsync(bool namesAreOpen)
    {
        var claims = (await ClaimsAsync()).SelectMany(claim => Lines("IPClaim", claim.Name, claim.Status?.Phase, claim.Status?.Conditions));
        var poolClaims = (await api.ListAsync<IPPoolClaim>(new() { Namespace = ns }, Cancel)).Items
            .Where(static claim => claim.Metadata.OwnerReferences is null or [])
            .SelectMany(claim => Lines("IPPoolClaim", claim.Name, claim.Status?.Phase, claim.Status?.Conditions));
        return [.. claims.Concat(poolClaims).Select(line => namesAreOpen ? NameOf().Replace(line, "$1 ") : line)];
    }

    static IEnumerable<string> Lines(string kind, string name, ClaimPhase? phase, IReadOnlyList<Condition>? conditions) => (conditions ?? [])
        .Where(static condition => condition.Type is ConditionTypes.Allocated or ConditionTypes.Ready)
        .Select(condition => $"{kind} {name} {phase} {condition.Type}={condition.Status} {condition.Reason} \"{Blocks().Replace(MadeNames().Replace(condition.Message, "{name}"), "{cidr}")}\"");

    static bool Expected(IPClaim? claim, string reason) =>
        claim is { Status.Phase: ClaimPhase.Error } && claim.Status.Conditions?.Find(ConditionTypes.Allocated) is { Status: ConditionStatus.False } found && found.Reason == reason;

    static string Describe(IPClaim? claim) => claim is null ? "it does not exist" : Describe(claim.Status?.Conditions);

    static string Describe(IReadOnlyList<Condition>? conditions) => conditions?.Find(ConditionTypes.Allocated) is { } found
        ? $"{found.Status} {found.Reason} \"{found.Message}\""
        : "it has no status";

    [GeneratedRegex(@"[0-9a-f.:]+[.:][0-9a-f.:]*/[0-9]{1,3}\b")]
    private static partial Regex Blocks();

    /// <summary>Names that end in five characters out of a uid.</summary>
    [GeneratedRegex(@"\b[a-z0-9-]+-[0-9a-f]{5}\b")]
    private static partial Regex MadeNames();

    [GeneratedRegex("^(IPClaim|IPPoolClaim) [^ ]+ ")]
    private static partial Regex NameOf();
}
