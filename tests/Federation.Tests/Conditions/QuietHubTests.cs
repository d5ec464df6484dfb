using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Resources;
using Federation.Tests.Hub;
using EdgeObject = Federation.Resources.Edge;

namespace Federation.Tests.Conditions;

/// <summary>Nothing changed, nothing written; and what many leases cost.</summary>
[Trait("Category", "Status")]
public sealed class QuietHubTests
{
    const int KiloByte = 1000;

    [Fact]
    public async Task In_steady_state_a_thousand_rounds_write_nothing_while_the_clock_goes_on()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east", "west");
        await scene.LendAsync("east", "prod", 3);
        await scene.LendAsync("west", "prod", 1, confirm: false);
        await hub.ClaimAsync("a", """{"poolRef":{"name":"prod"},"prefixLength":32}""");
        await hub.ClaimAsync("large", """{"poolRef":{"name":"prod"},"prefixLength":8}""");
        await hub.Get<Federation.Hub.UsageRollUp>().RefreshAsync(Limits.Cancel);
        await scene.SettleAsync();
        var (settled, before) = (hub.Store.Changes.Last, hub.Store.Current.Find<IPPool>(null, "prod")!);

        for (var round = 0; round < 1000; round++)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            hub.Get<Federation.Hub.AddressBook>().Touched.Add("prod");
            hub.Get<Federation.Hub.AddressBook>().Tree.Pools.Touched.Add("prod");
            hub.Get<Federation.Hub.AddressBook>().Tree.Edges.Touched.Add("east");
            hub.Get<Federation.Hub.AddressBook>().Fleet.IsTouched = true;
            await hub.Store.WriteAsync("test", hub.Get<Federation.Hub.Upkeep>().Round, Limits.Cancel);
        }

        Assert.Equal(0, scene.WritesBehind(settled));
        Assert.Equal(VirtualTime.Start, before.Status!.Conditions!.Find("Ready")!.LastTransitionTime);
    }

    [Fact]
    public async Task An_edge_that_reports_the_same_usage_changes_nothing_but_its_heartbeat()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east");
        var leases = await scene.LendAsync("east", "prod", 5);
        await scene.ReportAsync("east", "40", leases);
        await scene.SettleAsync();
        hub.Get<Federation.Hub.AddressBook>().Tree.Pools.TouchStale();
        await scene.SettleAsync();
        Assert.Contains("(40/256 addresses)", scene.Find<IPPool>("prod").Status!.Conditions!.Find("IPLease-4")!.Message, StringComparison.Ordinal);
        var settled = hub.Store.Changes.Last;

        for (var report = 0; report < 50; report++)
        {
            await scene.ReportAsync("east", "40", leases);
            await scene.SettleAsync();
        }

        Assert.Equal(0, scene.WritesOf<IPPool>("prod", settled));
        Assert.Equal(0, scene.WritesOf<FederationObject>("hub", settled));
        Assert.All(leases, lease => Assert.Equal(0, scene.WritesOf<IPLease>(lease.Id, settled)));
    }

    [Fact]
    public async Task Usage_alone_is_told_at_its_own_pace()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east");
        var leases = await scene.LendAsync("east", "prod", 2);
        await scene.SettleAsync();
        var (settled, before) = (hub.Store.Changes.Last, scene.Find<IPPool>("prod").Status!.Conditions!);

        for (var used = 1; used <= 20; used++)
        {
            await scene.ReportAsync("east", $"{used}", leases);
            await scene.SettleAsync();
        }

        Assert.Equal(0, scene.WritesOf<IPPool>("prod", settled));
        time.Advance(Federation.Hub.LeaseTree.UsageBeat);
        await scene.SettleAsync();
        Assert.Equal(1, scene.WritesOf<IPPool>("prod", settled));
        var after = scene.Find<IPPool>("prod").Status!.Conditions!;
        Assert.EndsWith("(20/256 addresses)", after.Find("IPLease-1")!.Message, StringComparison.Ordinal);
        Assert.Equal(before.Select(static condition => condition.LastTransitionTime), after.Select(static condition => condition.LastTransitionTime));
    }

    [Fact]
    public async Task A_new_generation_is_observed_by_every_condition_though_nothing_else_changes()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east");
        await scene.LendAsync("east", "prod", 3);
        await scene.SettleAsync();
        var (settled, before) = (hub.Store.Changes.Last, scene.Find<IPPool>("prod").Status!.Conditions!);

        await hub.SendAsync("PATCH", TestHub.PoolPath("prod"), """{"spec":{"leasing":{"maxLeasesPerEdge":7}}}""", "application/merge-patch+json");
        await scene.SettleAsync();
        await hub.SendAsync("PATCH", "/apis/ipam.federation.io/v1alpha1/edges/east", """{"spec":{"maxLeases":9}}""", "application/merge-patch+json");
        await scene.SettleAsync();

        Assert.Equal(2, scene.WritesOf<IPPool>("prod", settled)); // the wish, and the answer
        Assert.Equal(2, scene.WritesOf<EdgeObject>("east", settled));
        var (pool, edge) = (scene.Find<IPPool>("prod"), scene.Find<EdgeObject>("east"));
        Assert.Equal((2, 2), (pool.Status!.ObservedGeneration, edge.Status!.ObservedGeneration));
        Assert.All(pool.Status.Conditions!.Concat(edge.Status.Conditions!), static condition => Assert.Equal(2, condition.ObservedGeneration));
        Assert.Equal(before.Select(static condition => condition with { ObservedGeneration = 2 }), pool.Status.Conditions!);
    }

    [Fact]
    public async Task Conditions_of_other_writers_survive()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/16");
        await scene.RegisterAsync("east");
        await scene.LendAsync("east", "prod", 1);
        await scene.SettleAsync();
        foreach (var path in (string[])[TestHub.PoolPath("prod"), "/apis/ipam.federation.io/v1alpha1/edges/east", "/apis/ipam.federation.io/v1alpha1/federations/hub"])
        {
            var read = await hub.ReadAsync(path);
            read["status"]!["conditions"]!.AsArray().Insert(0, JsonNode.Parse("""{"type":"Audited","status":"True","reason":"Checked","message":"by somebody","observedGeneration":1,"lastTransitionTime":"2030-01-01T00:00:00Z"}"""));
            Assert.Equal(System.Net.HttpStatusCode.OK, (await hub.SendAsync("PUT", path + "/status", read)).Code);
        }

        await scene.LendAsync("east", "prod", 1);
        await scene.RegisterAsync("west");
        await scene.SettleAsync();

        Assert.Equal("All 2 leases are ready", scene.Find<IPPool>("prod").Status!.Conditions!.Find("Ready")!.Message);
        Assert.All([scene.Find<IPPool>("prod").Status!.Conditions!, scene.Find<EdgeObject>("east").Status!.Conditions!, scene.Find<FederationObject>("hub").Status!.Conditions!],
            static conditions => Assert.Equal(("Checked", "by somebody"), (conditions.Find("Audited")!.Reason, conditions.Find("Audited")!.Message)));
    }

    [Fact]
    public async Task A_hundred_leases_are_a_hundred_and_one_conditions_and_a_change_of_one_is_one_write()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.64.0.0/12");
        await scene.RegisterAsync("east", "west");
        var leases = await scene.LendAsync("east", "prod", 99);
        leases.AddRange(await scene.LendAsync("west", "prod", 1));
        await scene.SettleAsync();
        var (settled, before) = (hub.Store.Changes.Last, scene.Find<IPPool>("prod"));

        Assert.Equal(101, before.Status!.Conditions!.Count);
        Assert.InRange(SizeOf(before), 10 * KiloByte, 32 * KiloByte);

        await scene.ReportAsync("east", "0", leases.Take(99));
        await scene.SettleAsync();
        settled = hub.Store.Changes.Last;
        await scene.MissAsync("west");
        await scene.SettleAsync();
        Assert.Equal(1, scene.WritesOf<IPPool>("prod", settled));
        var flipped = scene.Find<IPPool>("prod").Status!.Conditions!.Zip(before.Status.Conditions!).Where(static pair => pair.First != pair.Second).Select(static pair => pair.First.Type);
        Assert.Equal(["Ready", "IPLease-99"], flipped);
    }

    [Fact]
    public async Task Of_a_thousand_leases_the_cap_holds_and_the_counts_are_exact()
    {
        await using var hub = await TestHub.StartAsync();
        var scene = new FleetScene(hub);
        await hub.PoolAsync("prod", "10.0.0.0/8");
        await scene.RegisterAsync("east", "west");
        await scene.LendAsync("east", "prod", 997);
        await scene.LendAsync("west", "prod", 3);
        await scene.SettleAsync();

        await scene.MissAsync("west");
        await scene.SettleAsync();

        var pool = scene.Find<IPPool>("prod");
        Assert.Equal(1 + ChildSet.ListedMax, pool.Status!.Conditions!.Count);
        Assert.Equal("997/1000 leases are ready; 256 are listed", pool.Status.Conditions.Find("Ready")!.Message);
        Assert.Equal(["IPLease-997", "IPLease-998", "IPLease-999"], pool.Status.Conditions.Where(static condition => condition.Reason is Reasons.EdgeHeartbeatMissed).Select(static condition => condition.Type));
        Assert.InRange(SizeOf(pool), 32 * KiloByte, 256 * KiloByte);
    }

    static int SizeOf(IPPool pool) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(pool.Status, ResourceJson.Lenient).Length;
}
