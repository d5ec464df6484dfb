using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Edge;
using Federation.Kubernetes;
using Federation.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Federation.Tests.Waiting;

/// <summary>Who is looked at when something changes at an edge: a child pool of two addresses, both taken, and claims that ask for it by name.</summary>
public sealed class EdgeWaitingTests
{
    const string Pool = "child";

    readonly AgentState state;
    readonly ClaimReconciler claims;
    int versions;

    public EdgeWaitingTests()
    {
        var time = new VirtualTime();
        var clock = new SystemBootClock(time);
        var nobody = new KubernetesRestClient(KubernetesConnection.FromUrl(new("http://127.0.0.1:1")), time);
        state = new(nobody, new() { Name = "east", Hub = new("http://127.0.0.1:1") }, clock, time, static () => 0.5, NullLoggerFactory.Instance);
        claims = new(state, new StatusWriter(state), new BlockSupply(state));
        state.PoolClaims.Observe(new()
        {
            Metadata = Meta("block", "federation-system"),
            Spec = new() { ParentPoolRef = new() { Name = "root" } },
            Status = new() { BoundPoolName = Pool, Lease = new() { Id = "lease", Cidr = Cidr.Parse("10.0.0.0/31"), Confirmed = true, Term = LeaseTerm.Of(new(clock.Read(), TimeSpan.FromHours(1))) } },
        });
        state.Pools.Observe(new() { Metadata = Meta(Pool) with { Annotations = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.ClaimUidAnnotation, "block") }, Spec = new() { ParentPoolRef = new() { Name = "root" } } });
        foreach (var holder in new[] { "first", "second" }) state.Allocations.Observe(Allocation(holder, holder is "first" ? "10.0.0.0/32" : "10.0.0.1/32"));
    }

    [Fact]
    public async Task Ten_thousand_who_cannot_be_helped_are_not_looked_at_when_one_can()
    {
        for (var i = 0; i < 10_000; i++) File($"hopeless-{i}", 31);
        File("young", 32);
        claims.Open();
        await WokenAsync();

        state.Allocations.Forget(Allocation("second", "10.0.0.1/32"));
        claims.WakeWaiting();

        Assert.Equal(["young"], await WokenAsync());
        Assert.Equal("default/young", state.Book.Space(Pool)!.HolderOf(Cidr.Parse("10.0.0.1/32"))?.Owner);
    }

    [Fact]
    public async Task Room_is_taken_for_the_oldest_whatever_it_asks_for()
    {
        File("old", 32);
        File("older-than-both-rooms", 31);
        File("young", 32);
        claims.Open();
        await WokenAsync();

        state.Allocations.Forget(Allocation("second", "10.0.0.1/32"));
        state.Allocations.Forget(Allocation("first", "10.0.0.0/32"));
        claims.WakeWaiting();

        Assert.Equal(["old", "young"], (await WokenAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(["default/old", "default/young"], state.Book.Space(Pool)!.Held().Select(static held => held.Holder.Owner).Order(StringComparer.Ordinal));
    }

    /// <summary>A pool that the hub, not heard of yet, may still have.</summary>
    [Fact]
    public async Task All_are_looked_at_when_there_is_something_else_to_tell_them_and_then_no_more()
    {
        for (var i = 0; i < 100; i++) File($"c-{i}", 32);
        claims.Open();
        await WokenAsync();

        state.Pools.Forget(state.Pools.Get(null, Pool)!);
        claims.WakeWaiting();
        var woken = await WokenAsync();
        foreach (var claim in state.Claims.Items) Say(claim, state.Hub.Awaited!);
        await WokenAsync();
        claims.WakeWaiting();

        Assert.Equal(100, woken.Count);
        Assert.Empty(await WokenAsync());
    }

    [Fact]
    public async Task A_claim_is_looked_at_once_a_block_is_kept_for_its_name()
    {
        File("again", 32);
        claims.Open();
        state.Book.Found += claims.Found;
        await WokenAsync();

        state.Allocations.Forget(Allocation("first", "10.0.0.0/32"));
        state.Allocations.Observe(Allocation("again", "10.0.0.0/32", "gone") with { Metadata = Meta(IPAllocation.NameOf(Pool, Cidr.Parse("10.0.0.0/32"))) with { Uid = "kept" }, Status = new() { Phase = AllocationPhase.Retained } });

        Assert.Equal(["again"], await WokenAsync());
    }

    /// <summary>A claim that has been told that there is no room.</summary>
    void File(string name, int length) => Say(
        new() { Metadata = Meta(name, "default"), Spec = new() { PoolRef = new() { Name = Pool }, PrefixLength = length } },
        ClaimEvaluation.Exhausted(length, Pool));

    void Say(IPClaim claim, ClaimVerdict verdict) => state.Claims.Observe((claim with { Metadata = claim.Metadata with { ResourceVersion = $"{++versions}" } }).With(verdict, state.Time.GetUtcNow()));

    ObjectMeta Meta(string name, string? ns = null) => new() { Name = name, Namespace = ns, Uid = name, ResourceVersion = $"{++versions}", CreationTimestamp = VirtualTime.Start };

    IPAllocation Allocation(string claim, string block, string? uid = null) => new()
    {
        Metadata = Meta(IPAllocation.NameOf(Pool, Cidr.Parse(block))),
        Spec = new() { Cidr = Cidr.Parse(block), PoolRef = new() { Name = Pool }, ClaimRef = new() { Namespace = "default", Name = claim, Uid = uid ?? claim } },
    };

    /// <summary>Everyone who is to be looked at, who then is done.</summary>
    async Task<List<string>> WokenAsync()
    {
        List<string> woken = [];
        while (state.Local.Count > 0)
        {
            var key = await state.Local.TakeAsync(Limits.Cancel);
            woken.Add(key.Name);
            state.Local.Done(key);
        }

        return woken;
    }
}
