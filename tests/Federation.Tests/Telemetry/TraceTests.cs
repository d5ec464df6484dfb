using System.Collections.Concurrent;
using System.Diagnostics;
using Federation.Hub;
using Federation.Telemetry;
using Federation.Tests.Hub;

namespace Federation.Tests.Telemetry;

/// <summary>A claim's way from an edge to the hub's disk is one trace.</summary>
public sealed class TraceTests : IDisposable
{
    readonly ActivityTraceId trace = ActivityTraceId.CreateRandom();
    readonly ActivitySpanId client = ActivitySpanId.CreateRandom();
    readonly ConcurrentQueue<Activity> spans = new();
    readonly ActivityListener listener;

    public TraceTests()
    {
        listener = new()
        {
            ShouldListenTo = static source => source.Name.StartsWith("Federation.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> span) => span.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace) spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task From_the_claim_at_the_edge_to_the_commit_at_the_hub_and_back()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/16");
        await using var edge = await MeasuredEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);

        var claim = await edge.BindAsync("a", """{"poolRef":{"name":"p"},"prefixLength":28}""", $"00-{trace}-{client}-01");

        Assert.StartsWith($"00-{trace}-", claim["metadata"]!["annotations"]![TraceContext.Annotation]!.GetValue<string>(), StringComparison.Ordinal);
        await UntilAsync(() => spans.Any(Served("RequestLease")) && spans.Any(Served("ConfirmLease")) && spans.Count(static span => span.DisplayName == "reconcile IPClaim") > 1);
        var request = spans.First(Served("RequestLease"));
        Assert.Equal(
            ["federation.v1.LeaseService/RequestLease", "federation.v1.LeaseService/RequestLease", "reconcile IPPoolClaim", "reconcile IPClaim", "create ipclaims"],
            Ancestors(request).Select(static span => span.DisplayName));
        Assert.Equal(client, Ancestors(request).Last().ParentSpanId);
        await UntilAsync(() => spans.Any(span => span.DisplayName == "commit" && Ancestors(span).Contains(request)));
        var commit = spans.First(span => span.DisplayName == "commit" && Ancestors(span).Contains(request));
        Assert.Equal(["commit", "store write", "federation.v1.LeaseService/RequestLease"], Ancestors(commit).Take(3).Select(static span => span.DisplayName));
    }

    [Fact]
    public async Task A_claim_at_the_hub_goes_on_with_its_clients_trace_and_an_unreadable_one_is_no_error()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/16");
        const string Claim = """{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"generateName":"c-"},"spec":{"poolRef":{"name":"p"}}}""";
        const string Path = "/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims";

        (await hub.SendAsync("POST", Path, Claim, headers: ("traceparent", $"00-{trace}-{client}-01"))).Created();
        (await hub.SendAsync("POST", Path, Claim, headers: ("traceparent", "what is this"))).Created();

        await UntilAsync(() => spans.Count == 3);
        Assert.Equal(["commit", "create ipclaims", "store write"], spans.Select(static span => span.DisplayName).Order());
        Assert.Equal(client, spans.Single(static span => span.DisplayName == "create ipclaims").ParentSpanId);
    }

    static Func<Activity, bool> Served(string method) => span => span.Kind is ActivityKind.Server && span.DisplayName.EndsWith($"/{method}", StringComparison.Ordinal);

    /// <summary>A span with those it lies in, as far as they have ended.</summary>
    IEnumerable<Activity> Ancestors(Activity span)
    {
        for (var at = span; at is not null; at = spans.FirstOrDefault(parent => parent.SpanId == at.ParentSpanId)) yield return at;
    }

    static async Task UntilAsync(Func<bool> holds)
    {
        var cancel = Limits.Cancel;
        while (!holds()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
    }
}
