using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;
using Federation.Tests.Hub;
using EdgeObject = Federation.Resources.Edge;

namespace Federation.Tests.Conditions;

/// <summary>What a hub says of its leases on their pool, on their edge and of the whole fleet.</summary>
[Trait("Category", "Status")]
public sealed class HubHierarchyTests
{
    [Fact]
    public async Task A_pool_an_edge_and_a_fleet_without_leases_say_so()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await hub.CreateAsync("""{"kind":"Edge","metadata":{"name":"announced"},"spec":{}}""");
        await scene.RegisterAsync("east");

        await scene.ReadyIsAsync<IPPool>("prod", Reasons.NoChildren, "No leases found for this pool");
        await scene.ReadyIsAsync<EdgeObject>("east", Reasons.NoChildren, "No leases found for this edge");
        var announced = await scene.ReadyIsAsync<EdgeObject>("announced", Reasons.NoChildren);
        Assert.Equal((ConditionStatus.Unknown, Reasons.Pending), (announced.Find(ConditionTypes.HubConnected)!.Status, announced.Find(ConditionTypes.HubConnected)!.Reason));
        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesProgressing, "1/2 edges are ready; not ready: announced");
    }

    [Fact]
    public async Task Leases_are_children_of_their_pool_and_of_their_edge_by_numbers_of_their_own()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await hub.PoolAsync("dev", "10.65.0.0/16");
        await scene.RegisterAsync("east", "west");

        var (prodEast, devWest) = ((await scene.LendAsync("east", "prod", 2))[0], (await scene.LendAsync("west", "dev", 1))[0]);
        await scene.LendAsync("west", "prod", 1);

        var prod = await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 3 leases are ready");
        Assert.Equal(["Ready", "IPLease-0", "IPLease-1", "IPLease-2"], Types(prod));
        Assert.Equal($"Lease {prodEast.Id} is ready (0/256 addresses)", prod.Find("IPLease-0")?.Message);
        Assert.Equal(["HubConnected", "Ready", "IPLease-0", "IPLease-1"], Types(await scene.ReadyIsAsync<EdgeObject>("west", Reasons.AllReady, "All 2 leases are ready")));
        Assert.Equal((0, 0, "0"), (devWest.Index, devWest.EdgeIndex, scene.Find<IPLease>(devWest.Id).Metadata.Annotation(ChildIndex.Annotation)));
        Assert.All(prod, static condition => Assert.Equal(1, condition.ObservedGeneration));
    }

    [Fact]
    public async Task The_set_of_leases_is_seen_to_grow_and_to_shrink()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east");

        var leases = await scene.LendAsync("east", "prod", 2, confirm: false);
        var created = await scene.ReadyIsAsync<IPPool>("prod", Reasons.LeasesCreated, "0/2 leases are ready");
        Assert.Equal((ConditionStatus.False, Reasons.PartiallyReady, $"Lease {leases[0].Id} is progressing (0/256 addresses)"), Said(created, "IPLease-0"));

        foreach (var lease in leases) await scene.ConfirmAsync(lease);
        await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 2 leases are ready");

        leases.AddRange(await scene.LendAsync("east", "prod", 2, confirm: false));
        await scene.ReadyIsAsync<IPPool>("prod", Reasons.LeasesScaling, "2/4 leases are ready");
        foreach (var lease in leases.Skip(2)) await scene.ConfirmAsync(lease);
        await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 4 leases are ready");

        foreach (var lease in leases.Take(2)) await scene.ReleaseAsync(lease);
        var left = await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 2 leases are ready");
        Assert.Equal(["Ready", "IPLease-2", "IPLease-3"], Types(left));
        Assert.Equal(["HubConnected", "Ready", "IPLease-2", "IPLease-3"], Types(await scene.ReadyIsAsync<EdgeObject>("east", Reasons.AllReady)));
    }

    [Fact]
    public async Task A_silent_edge_is_seen_from_the_fleet_down_to_the_lease()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east", "west");
        await scene.LendAsync("east", "prod", 1);
        var lost = (await scene.LendAsync("west", "prod", 1))[0];
        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesReady, "2/2 edges are ready");
        var before = await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady);

        await scene.MissAsync("west");

        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesProgressing, "1/2 edges are ready; not ready: west");
        var west = await scene.ReadyIsAsync<EdgeObject>("west", Reasons.NotReady, "No leases are ready");
        Assert.Equal((ConditionStatus.Unknown, Reasons.EdgeHeartbeatMissed, $"Lease {lost.Id} belongs to edge west, which is silent; it may still serve from {lost.Block} (0/256 addresses)"), Said(west, "IPLease-0"));
        var prod = await scene.ReadyIsAsync<IPPool>("prod", Reasons.PartiallyReady, "1/2 leases are ready");
        Assert.Equal((ConditionStatus.Unknown, Reasons.EdgeHeartbeatMissed), (prod.Find("IPLease-1")!.Status, prod.Find("IPLease-1")!.Reason));
        Assert.Equal(before.Find("IPLease-0"), prod.Find("IPLease-0"));

        await scene.ReportAsync("west", "40", lost);
        await scene.UntilAsync<EdgeObject>("west", static conditions => conditions.Find(ConditionTypes.HubConnected) is { Status: ConditionStatus.True, Reason: Reasons.Connected });
        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesReady, "2/2 edges are ready");
        await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 2 leases are ready");
    }

    [Fact]
    public async Task A_revoked_lease_brings_its_own_reason_up_and_a_drained_one_is_only_going()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east");
        var leases = await scene.LendAsync("east", "prod", 3);

        await OrderAsync(hub, leases[1], """{"draining":true}""");
        var going = await scene.ReadyIsAsync<IPPool>("prod", Reasons.LeasesScaling, "2/3 leases are ready");
        Assert.Equal((ConditionStatus.False, Reasons.Draining, $"Lease {leases[1].Id} is being emptied (0/256 addresses)"), Said(going, "IPLease-1"));
        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesReady);

        await OrderAsync(hub, leases[2], """{"revoked":true}""");
        var failing = await scene.ReadyIsAsync<EdgeObject>("east", Reasons.PartiallyReady, "1/3 leases are ready");
        Assert.Equal((ConditionStatus.False, Reasons.LeaseRevoked), (failing.Find("IPLease-2")!.Status, failing.Find("IPLease-2")!.Reason));
        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesProgressing, "0/1 edges are ready; not ready: east");
    }

    [Fact]
    public async Task A_freed_number_goes_to_the_next_lease_and_no_other_is_renumbered_not_even_by_a_restart()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16", ""","allocation":{"reuseDelaySeconds":0}""");
        await scene.RegisterAsync("east");
        var leases = await scene.LendAsync("east", "prod", 12);
        var before = await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 12 leases are ready");

        await scene.ReleaseAsync(leases[3]);
        await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 11 leases are ready");
        await scene.UntilGoneAsync<IPLease>(leases[3].Id);
        var next = (await scene.LendAsync("east", "prod", 1))[0];

        var after = await scene.ReadyIsAsync<IPPool>("prod", Reasons.AllReady, "All 12 leases are ready");
        Assert.Equal((3, 3), (next.Index, next.EdgeIndex));
        Assert.Equal(["Ready", .. Enumerable.Range(0, 12).Select(static index => $"IPLease-{index}")], Types(after));
        Assert.Equal(before.Where(static condition => condition.Type is not ("Ready" or "IPLease-3")), after.Where(static condition => condition.Type is not ("Ready" or "IPLease-3")));
    }

    [Fact]
    public async Task A_child_pool_counts_its_claims()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await hub.CreateAsync("""{"kind":"IPPool","metadata":{"name":"tiny"},"spec":{"parentPoolRef":{"name":"prod"},"prefixLength":31}}""");
        await scene.ReadyIsAsync<IPPool>("tiny", Reasons.CIDRAssigned, "CIDR 10.64.0.0/31 assigned from prod");

        foreach (var name in (string[])["a", "b", "c"]) await hub.ClaimAsync(name, """{"poolRef":{"name":"tiny"},"prefixLength":32}""");
        await scene.ReadyIsAsync<IPPool>("tiny", Reasons.CIDRAssigned, "CIDR 10.64.0.0/31 assigned from prod; 2/3 claims are allocated");

        await hub.SendAsync("DELETE", TestHub.ClaimPath("c"));
        await scene.ReadyIsAsync<IPPool>("tiny", Reasons.CIDRAssigned, "CIDR 10.64.0.0/31 assigned from prod; 2/2 claims are allocated");
    }

    [Fact]
    public async Task A_pool_claim_that_is_to_go_says_what_it_waits_for_and_stays_allocated()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        var claim = (await hub.CreateAsync("""{"kind":"IPPoolClaim","metadata":{"name":"web","namespace":"default"},"spec":{"parentPoolRef":{"name":"prod"},"prefixLength":30}}""")).Created();
        var child = claim["status"]!["boundPoolName"]!.GetValue<string>();
        await hub.ClaimAsync("a", $$"""{"poolRef":{"name":"{{child}}"},"prefixLength":32}""");

        await hub.SendAsync("DELETE", "/apis/ipam.federation.io/v1alpha1/namespaces/default/ippoolclaims/web");

        var stored = hub.Store.Current.Find<IPPoolClaim>("default", "web")!;
        Assert.Equal((ConditionStatus.False, Reasons.PoolInUse, ClaimPhase.Releasing), (stored.Status!.Conditions!.Find("Ready")!.Status, stored.Status.Conditions!.Find("Ready")!.Reason, stored.Status.Phase));
        Assert.True(stored.Status.Conditions!.Holds("Allocated"));
        await scene.ReadyIsAsync<IPPool>(child, Reasons.Draining);

        await hub.SendAsync("DELETE", TestHub.ClaimPath("a"));
        await scene.UntilGoneAsync<IPPool>(child);
    }

    [Fact]
    public async Task A_pool_claim_that_cannot_be_satisfied_says_so_twice()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.64.0.0/30");

        var claim = (await hub.CreateAsync("""{"kind":"IPPoolClaim","metadata":{"name":"web","namespace":"default"},"spec":{"parentPoolRef":{"name":"prod"},"prefixLength":29}}""")).Created();

        var stored = hub.Store.Current.Find<IPPoolClaim>("default", claim["metadata"]!["name"]!.GetValue<string>())!;
        Assert.Equal([(ConditionStatus.False, Reasons.PrefixLengthOutOfBounds), (ConditionStatus.False, Reasons.Error)], stored.Status!.Conditions!.Select(static condition => (condition.Status, condition.Reason)));
    }

    static Task<Answer> OrderAsync(TestHub hub, Lease lease, string spec) =>
        hub.SendAsync("PATCH", $"/apis/ipam.federation.io/v1alpha1/ipleases/{lease.Id}", new JsonObject { ["spec"] = JsonNode.Parse(spec) }, "application/merge-patch+json");

    static IEnumerable<string> Types(IReadOnlyList<Condition> conditions) => conditions.Select(static condition => condition.Type);

    static (ConditionStatus, string, string) Said(IReadOnlyList<Condition> conditions, string type) => conditions.Find(type) is { } found ? (found.Status, found.Reason, found.Message) : default;
}
