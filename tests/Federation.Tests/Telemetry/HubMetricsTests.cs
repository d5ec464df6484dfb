using System.Net;
using Federation.Hub;
using Federation.Tests.Conditions;
using Federation.Tests.Hub;

namespace Federation.Tests.Telemetry;

/// <summary>What a hub tells of itself, over its own socket.</summary>
public sealed class HubMetricsTests
{
    const string Attempts = "federation_allocation_attempts_total";

    [Fact]
    public async Task The_counters_move_when_claims_are_answered_and_a_dry_run_moves_none()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/31");

        await hub.ClaimAsync("a", """{"poolRef":{"name":"p"},"prefixLength":32}""");
        await hub.ClaimAsync("b", """{"poolRef":{"name":"p"},"prefixLength":32}""");
        await hub.ClaimAsync("c", """{"poolRef":{"name":"p"},"prefixLength":32}""");
        await hub.ClaimAsync("d", """{"poolRef":{"name":"none"}}""", "?dryRun=All");

        var page = await hub.MetricsAsync(static page => page.Sum("federation_allocation_duration_seconds_count") == 3);
        Assert.Equal(2, page.Sum(Attempts, ("outcome", "granted"), ("reason", "AllocationSucceeded")));
        Assert.Equal(1, page.Sum(Attempts, ("outcome", "refused"), ("reason", "PoolExhausted")));
        Assert.Equal(3, page.Sum(Attempts));
        Assert.Equal(3, page.Sum("federation_allocation_duration_seconds_count"));
        Assert.Equal(4, page.Sum("federation_api_request_duration_seconds_count", ("verb", "create"), ("resource", "ipclaims"), ("code", "201")));
        Assert.True(page.Sum("federation_store_commit_duration_seconds_count") > 0);
        Assert.Equal(3, page.Sum("federation_store_objects", ("resource", "ipclaims")));
    }

    [Fact]
    public async Task A_claim_that_gets_room_later_is_counted_once_more_and_the_pool_shows_it()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/32");
        await hub.ClaimAsync("a", """{"poolRef":{"name":"p"},"prefixLength":32}""");
        await hub.ClaimAsync("b", """{"poolRef":{"name":"p"},"prefixLength":32}""");

        await hub.SendAsync("DELETE", TestHub.ClaimPath("a"));
        await Limits.UntilAsync(async () => (await hub.ReadAsync(TestHub.ClaimPath("b"))).Phase is "Bound");

        var page = await hub.MetricsAsync(static page => page.Sum(Attempts, ("outcome", "granted")) == 2);
        Assert.Equal(2, page.Sum(Attempts, ("outcome", "granted")));
        Assert.Equal(1, page.Sum(Attempts, ("outcome", "refused")));
        Assert.Equal(1, page.Sum("federation_pool_capacity", ("pool", "p"), ("state", "total")));
        Assert.Equal(1, page.Sum("federation_pool_count"));
    }

    [Fact]
    public async Task Every_pool_has_its_gauge_of_stuck_leases_after_a_pass_also_when_it_is_0()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/24");
        await hub.PoolAsync("q", "10.1.0.0/24");

        await hub.Get<Reaper>().PassAsync(Limits.Cancel);

        var page = await hub.MetricsAsync(static _ => true);
        Assert.Equal(["p", "q"], page.Samples.Where(static sample => sample.Name == "federation_lease_stuck").Select(static sample => sample.Labels["pool"]).Order());
        Assert.Equal(0, page.Sum("federation_lease_stuck"));
    }

    [Fact]
    public async Task A_silent_edges_leases_are_stuck_until_it_is_heard_and_an_offer_nobody_confirms_is_reaped()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        await hub.PoolAsync("p", "10.0.0.0/16");
        var fleet = new FleetScene(hub);
        await fleet.RegisterAsync("east");
        var leases = await fleet.LendAsync("east", "p", 2);
        await fleet.LendAsync("east", "p", 1, confirm: false);
        await fleet.MissAsync("east");

        await hub.Get<Reaper>().PassAsync(Limits.Cancel);
        Assert.Equal(2, (await hub.MetricsAsync(static _ => true)).Sum("federation_lease_stuck", ("pool", "p")));

        time.Advance(TimeSpan.FromMinutes(11));
        await fleet.ReportAsync("east", "0", leases);
        await hub.Get<Reaper>().PassAsync(Limits.Cancel);
        var page = await hub.MetricsAsync(static page => page.Sum("federation_lease_reap_total", ("pool", "p"), ("state", "Offered"), ("outcome", "reaped")) == 1);
        Assert.Equal(0, page.Sum("federation_lease_stuck", ("pool", "p")));
        Assert.Equal(2, page.Sum("federation_lease_count", ("state", "Active")));
        Assert.Equal(0, page.Sum("federation_lease_count", ("state", "Offered")));
    }

    [Fact]
    public async Task Checks_are_told_by_name()
    {
        await using var hub = await TestHub.StartAsync();

        Assert.Equal("ok", (await hub.SendAsync("GET", "/readyz")).Text);
        Assert.Equal("ok", (await hub.SendAsync("GET", "/readyz/storage")).Text);
        Assert.Equal("[+]ping ok\nlivez check passed\n", (await hub.SendAsync("GET", "/livez?verbose")).Text);
        Assert.Equal("[+]ping ok\n[+]leader ok\n[+]loaded ok\n[+]storage excluded: ok\nreadyz check passed\n", (await hub.SendAsync("GET", "/readyz?verbose&exclude=storage")).Text);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.SendAsync("GET", "/readyz/nothing")).Code);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await hub.SendAsync("POST", "/readyz")).Code);
    }
}
