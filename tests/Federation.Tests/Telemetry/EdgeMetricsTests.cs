using System.Net;
using Federation.Hub;
using Federation.Tests.Hub;

namespace Federation.Tests.Telemetry;

/// <summary>What an edge tells of itself, with its hub and without.</summary>
public sealed class EdgeMetricsTests
{
    const string Lease = "federation.v1.LeaseService/RequestLease";

    [Fact]
    public async Task A_claim_that_needs_a_lease_moves_the_counters_of_edge_and_hub()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/16");
        await using var edge = await MeasuredEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);

        await edge.BindAsync("a", """{"poolRef":{"name":"p"},"prefixLength":28}""");

        var here = await edge.MetricsAsync(static page => page.Sum("federation_allocation_attempts_total", ("outcome", "granted")) == 1 && page.Sum("federation_allocation_duration_seconds_count", ("outcome", "granted")) == 1);
        var there = await hub.MetricsAsync(static page => page.Sum("federation_edge_watch_count") == 1);
        Assert.Equal(1, here.Sum("federation_allocation_attempts_total", ("outcome", "granted")));
        Assert.True(here.Sum("federation_allocation_duration_seconds_count", ("outcome", "granted")) == 1);
        Assert.True(here.Sum("federation_reconcile_duration_seconds_count", ("kind", "IPClaim"), ("outcome", "done")) > 0);
        Assert.True(here.Sum("federation_reconcile_duration_seconds_count", ("kind", "IPPoolClaim"), ("outcome", "done")) > 0);
        Assert.Equal(1, here.Sum("federation_rpc_client_duration_seconds_count", ("method", Lease), ("code", "OK")));
        Assert.Equal(1, there.Sum("federation_rpc_server_duration_seconds_count", ("method", Lease), ("code", "OK")));
        Assert.Equal(1, here.Sum("federation_claim_count", ("phase", "Bound")));
        Assert.Equal(1, here.Sum("federation_hub_connected"));
        Assert.Equal(1, there.Sum("federation_lease_count", ("state", "Active")));
        Assert.Equal(1, there.Sum("federation_edge_count", ("phase", "Ready")));
        Assert.Equal(1, there.Sum("federation_edge_watch_count"));
    }

    [Fact]
    public async Task A_hub_that_goes_away_is_told_and_leaves_the_edge_ready()
    {
        var hub = await TestHub.StartAsync();
        await using var edge = await MeasuredEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);
        Assert.Equal("ok", await edge.UntilAsync("/readyz/hub-connection", HttpStatusCode.OK));

        await hub.DisposeAsync();

        Assert.StartsWith("hub-connection failed: ", await edge.UntilAsync("/readyz/hub-connection", HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.Equal("ok", await edge.UntilAsync("/readyz", HttpStatusCode.OK));
        Assert.Equal("ok", await edge.UntilAsync("/livez", HttpStatusCode.OK));
        Assert.Contains("[-]hub-connection failed, and does not count: ", await edge.UntilAsync("/readyz?verbose", HttpStatusCode.OK), StringComparison.Ordinal);
        var page = await edge.MetricsAsync(static page => page.Sum("federation_hub_losses_total") > 0);
        Assert.Equal(0, page.Sum("federation_hub_connected"));
    }

    [Fact]
    public async Task The_listener_of_operations_serves_nothing_else()
    {
        await using var hub = await TestHub.StartAsync();
        await using var edge = await MeasuredEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);

        using var api = await edge.Operations.GetAsync(new Uri("/apis", UriKind.Relative)).Within();
        using var post = await edge.Operations.PostAsync(new Uri("/apis/ipam.federation.io/v1alpha1/ippools", UriKind.Relative), null).Within();
        using var beside = await edge.Http.GetAsync(new Uri("/metrics", UriKind.Relative)).Within();

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.OK), (api.StatusCode, post.StatusCode, beside.StatusCode));
    }
}
