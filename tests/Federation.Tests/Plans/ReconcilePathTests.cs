using System.Collections.Immutable;
using System.Net;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Plans;
using Federation.Edge;
using Federation.Resources;
using Federation.Tests.Pools;

namespace Federation.Tests.Plans;

/// <summary>
/// What each way through a look at a pool claim asks of the API server and the hub, exactly and in order: one status at
/// most, and a plan is written down in a look of its own, before anybody is called.
/// </summary>
public sealed class ReconcilePathTests
{
    const string Status = "ippoolclaims status";

    [Fact]
    public Task A_block_is_acquired_in_looks_of_one_status_each_and_then_looked_at_for_nothing() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.AgentAsync();
        await agent.SeesAsync(await edge.FileAsync());

        Assert.Equal(["ippoolclaims PUT"], await agent.LookAsync()); // its finalizer
        Assert.Equal([Status], await agent.LookAsync()); // the plan
        var plan = edge.Claim().Status!.Plan!;
        Assert.Equal((PlanPhase.Active, PlanKind.AcquireLease), (plan.Phase, plan.Kind));
        Assert.All(plan.Tasks, static task => Assert.Equal(PlanPhase.Pending, task.Phase));
        Assert.Empty(agent.Wire.Requested);

        Assert.Equal(["RequestLease", Status], await agent.LookAsync());
        Assert.Equal(["ConfirmLease", Status], await agent.LookAsync());
        Assert.Equal(["ippools POST", Status], await agent.LookAsync());
        Assert.Equal((plan.Id, PlanPhase.Complete), (edge.Claim().Status!.Plan!.Id, edge.Claim().Status!.Plan!.Phase));
        Assert.Equal([Status], await agent.LookAsync()); // the plan has ended, and is cleared
        Assert.Null(edge.Claim().Status!.Plan);

        for (var look = 0; look < 100; look++)
        {
            edge.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Empty(await agent.LookAsync());
        }

        Assert.Equal((ClaimPhase.Bound, true), (edge.Claim().Status!.Phase, edge.Claim().Status!.Conditions!.Holds(ConditionTypes.Ready)));
    });

    [Fact]
    public Task A_block_goes_back_in_looks_of_one_status_each_and_waits_for_what_is_in_it_with_none() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        var used = await edge.People.CreateAsync(HandMade.AllocationOf(edge.Child!, length: 32));
        await agent.SeesAsync(used);
        await edge.People.DeleteAsync<IPPoolClaim>(HandDrivenEdge.Key.Namespace, HandDrivenEdge.Key.Name);
        await HandDrivenAgent.UntilAsync(() => agent.State.PoolClaims.Get("default", "block")!.Metadata.IsDeleting(), "the deletion is not seen");

        Assert.Equal([Status], await agent.LookAsync()); // the plan
        Assert.Equal(["ippools status", Status], await agent.LookAsync()); // nothing new from here on
        Assert.Equal([Status], await agent.LookAsync()); // in use, and says so
        for (var look = 0; look < 10; look++) Assert.Empty(await agent.LookAsync());

        await edge.People.DeleteAsync<IPAllocation>(null, used.Name);
        await HandDrivenAgent.UntilAsync(() => agent.State.Allocations.Get(null, used.Name) is null, "the allocation's end is not seen");
        Assert.Equal(["ippools DELETE", Status], await agent.LookAsync());
        Assert.Equal(["ippools PUT", Status], await agent.LookAsync()); // its finalizer
        Assert.Equal(["ReleaseLease", Status], await agent.LookAsync());
        Assert.Equal(["ippoolclaims PUT"], await agent.LookAsync()); // its finalizer
        await HandDrivenAgent.UntilAsync(() => agent.State.PoolClaims.Get("default", "block") is null, "the claim's end is not seen");
        Assert.Empty(await agent.LookAsync());
    });

    [Fact]
    public Task A_verdict_of_the_hub_is_said_once_and_asked_for_again_only_when_something_changed() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.AgentAsync();
        await agent.SeesAsync(await edge.FileAsync(prefixLength: 30));
        Assert.Equal(["ippoolclaims PUT"], await agent.LookAsync());
        Assert.Equal([Status], await agent.LookAsync());
        Assert.Equal(["RequestLease failed", Status], await agent.LookAsync());
        Assert.Equal([Status], await agent.LookAsync()); // cleared
        for (var look = 0; look < 10; look++) Assert.Empty(await agent.LookAsync());

        Assert.Equal((ClaimPhase.Error, Reasons.PrefixLengthOutOfBounds), (edge.Claim().Status!.Phase, edge.Says(ConditionTypes.Allocated).Reason));
        agent.Parts.PoolClaims.Reconsider();
        Assert.Equal([Status], await agent.LookAsync());
        Assert.Equal(["RequestLease failed", Status], await agent.LookAsync());
        Assert.Equal(2, agent.Wire.Requested.Distinct().Count());
    }, leasing: """{"minPrefixLength":20,"maxPrefixLength":28,"defaultPrefixLength":24}""");

    [Fact]
    public Task A_hub_that_is_away_is_said_once() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.PlannedAsync();
        await edge.Hub.HangUpAsync();

        Assert.Equal(["RequestLease failed", Status], await agent.LookAsync());
        var plan = edge.Claim().Status!.Plan!;
        for (var look = 0; look < 5; look++) Assert.Equal(["RequestLease failed"], await agent.LookAsync());

        Assert.Equal(Reasons.HubUnreachable, edge.Says(ConditionTypes.Allocated).Reason);
        Assert.Equal((plan.Id, PlanPhase.Active), (edge.Claim().Status!.Plan!.Id, edge.Claim().Status!.Plan!.Phase));
        Assert.Single(agent.Wire.Requested.Distinct());
    });

    [Fact]
    public Task A_paused_claim_says_so_once_and_nothing_is_done_about_it() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.PlannedAsync();
        await PauseAsync(edge, agent, "true");

        Assert.Equal([Status], await agent.LookAsync());
        for (var look = 0; look < 10; look++) Assert.Empty(await agent.LookAsync());
        Assert.Empty(agent.Wire.Requested);

        await PauseAsync(edge, agent, "false");
        Assert.Equal([Status], await agent.LookAsync());
        Assert.Equal(["RequestLease", Status], await agent.LookAsync());
    });

    [Fact]
    public Task A_block_that_cannot_be_doubled_serves_on_and_is_tried_again_after_its_pause_under_a_new_plan() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        var buddy = edge.Claim().Status!.Lease!.Cidr!.Value.Buddy;
        Assert.Equal(HttpStatusCode.Created, (await edge.Hub.CreateAsync($$"""{"kind":"IPClaim","metadata":{"name":"rival","namespace":"default"},"spec":{"poolRef":{"name":"prod"},"cidr":"{{buddy}}"} }""")).Code);

        Assert.True(agent.Parts.PoolClaims.TryGrow(agent.State.PoolClaims.Get("default", "block")!));
        Assert.Equal([Status], await agent.LookAsync());
        Assert.Equal(PlanKind.GrowLease, edge.Claim().Status!.Plan!.Kind);
        Assert.Equal(["RequestLease failed", Status], await agent.LookAsync());
        Assert.Equal((ClaimPhase.Bound, true), (edge.Claim().Status!.Phase, edge.Claim().Status!.Conditions!.Holds(ConditionTypes.Ready)));
        Assert.Equal([Status], await agent.LookAsync());

        for (var look = 0; look < 10; look++)
        {
            Assert.False(agent.Parts.PoolClaims.TryGrow(agent.State.PoolClaims.Get("default", "block")!));
            Assert.Empty(await agent.LookAsync());
        }

        edge.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(agent.Parts.PoolClaims.TryGrow(agent.State.PoolClaims.Get("default", "block")!));
        Assert.Equal([Status], await agent.LookAsync());
        Assert.Equal(["RequestLease failed", Status], await agent.LookAsync());
        Assert.Equal(3, agent.Wire.Requested.Distinct().Count());
        Assert.Equal(ClaimPhase.Bound, edge.Claim().Status!.Phase);
    });

    [Fact]
    public Task Who_comes_after_an_agent_that_fell_asks_with_the_same_request() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var fallen = await edge.PlannedAsync();
        var plan = edge.Claim().Status!.Plan!;
        await fallen.DisposeAsync();

        var next = await edge.AgentAsync();
        await next.LookOnAsync();

        Assert.Equal([PlanRules.RequestIdOf(plan)!], next.Wire.Requested);
        Assert.Equal(ClaimPhase.Bound, edge.Claim().Status!.Phase);
        Assert.Single(edge.Hub.Store.Current.All<IPLease>());
    });

    [Fact]
    public Task An_empty_block_that_the_hub_no_longer_knows_is_given_up_and_another_is_asked_for() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.BoundAsync();
        var lost = edge.Claim().Status!.Lease!.Id!;

        agent.State.Leases.Hear(lost, new LeaseNews(Frozen: Reasons.LeaseNotFound));
        Assert.Equal([Status], await agent.LookAsync()); // what the hub said is taken down
        Assert.Equal([Status], await agent.LookAsync()); // the plan of its way back
        Assert.Equal((PlanKind.ReleaseLease, lost), (edge.Claim().Status!.Plan!.Kind, edge.Claim().Status!.Plan!.Parameters.LeaseId));
        await agent.LookOnAsync();

        Assert.Equal(ClaimPhase.Bound, edge.Claim().Status!.Phase);
        Assert.NotEqual(lost, edge.Claim().Status!.Lease!.Id);
    });

    [Fact]
    public Task A_pool_of_the_name_that_is_another_s_is_left_alone_and_another_name_is_found() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.AgentAsync();
        var claim = await edge.FileAsync();
        var foreign = await edge.People.CreateAsync(new IPPool { Metadata = new() { Name = PoolReport.ChildName(claim.Name, claim.Uid, salt: 0) }, Spec = new() { Cidr = Cidr.Parse("192.0.2.0/24") } });
        await agent.SeesAsync(claim);
        await agent.LookOnAsync();

        Assert.Equal(ClaimPhase.Bound, edge.Claim().Status!.Phase);
        Assert.NotEqual(foreign.Name, edge.Claim().Status!.BoundPoolName);
        Assert.Equal(foreign.Metadata.ResourceVersion, edge.Store.Current.Find<IPPool>(null, foreign.Name)!.Metadata.ResourceVersion);
    });

    [Fact]
    public Task A_tombstone_that_does_not_say_yet_what_it_stands_for_is_left_alone() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.AgentAsync();
        var tombstone = await TombstoneAsync(edge, agent, await edge.FileAsync());

        for (var look = 0; look < 10; look++) Assert.Empty(await agent.LookAsync(tombstone));
    });

    [Fact]
    public Task A_tombstone_that_never_said_what_it_stands_for_goes_once_its_claim_is_gone() => HandDrivenEdge.RunAsync(static async edge =>
    {
        var agent = await edge.AgentAsync();
        var filed = await edge.FileAsync();
        var tombstone = await TombstoneAsync(edge, agent, filed);
        await edge.People.DeleteAsync<IPPoolClaim>(filed.Namespace, filed.Name);

        await agent.LookAsync(tombstone);
        await agent.SeesAsync(edge.Claim(tombstone.Name));
        await agent.LookAsync(tombstone);

        Assert.Null(edge.Claim(tombstone.Name));
    });

    /// <summary>As an agent leaves it that fell between its two writes.</summary>
    static async Task<WorkKey> TombstoneAsync(HandDrivenEdge edge, HandDrivenAgent agent, IPPoolClaim claim)
    {
        var made = await edge.People.CreateAsync(new IPPoolClaim
        {
            Metadata = new()
            {
                Name = $"released-{claim.Uid}",
                Namespace = claim.Namespace,
                Annotations = ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.TombstoneAnnotation, $"{claim.Namespace}/{claim.Name}"),
                Finalizers = [EdgeNames.LeaseFinalizer],
            },
            Spec = claim.Spec,
        });
        await agent.SeesAsync(made);
        return new(made.Namespace!, made.Name);
    }

    static async Task PauseAsync(HandDrivenEdge edge, HandDrivenAgent agent, string word)
    {
        var claim = edge.Claim();
        var annotations = (claim.Metadata.Annotations ?? ImmutableSortedDictionary<string, string>.Empty).SetItem(EdgeNames.PausedAnnotation, word);
        await agent.SeesAsync(await edge.People.ReplaceAsync(claim with { Metadata = claim.Metadata with { Annotations = annotations } }, CancellationToken.None));
    }
}
