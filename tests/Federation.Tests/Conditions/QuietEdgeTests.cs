using Federation.Domain.Conditions;
using Federation.Edge;
using Federation.Hub;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Tests.Hub;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Federation.Tests.Conditions;

/// <summary>Whoever looks at an edge whose objects are settled, however often and whenever, writes nothing.</summary>
[Trait("Category", "Status")]
public sealed class QuietEdgeTests : IAsyncLifetime
{
    const string Root = "prod";
    const int Looks = 1000;

    readonly VirtualTime time = new();
    TestHub hub = null!;
    TestEdge edge = null!;

    public async Task InitializeAsync()
    {
        hub = await TestHub.StartAsync();
        await hub.PoolAsync(Root, "10.64.0.0/16", ""","leasing":{"defaultPrefixLength":28}""");
        edge = await TestEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);
    }

    public async Task DisposeAsync()
    {
        await edge.DisposeAsync();
        await hub.DisposeAsync();
    }

    [Fact]
    public async Task A_thousand_looks_at_every_object_write_nothing_while_the_clock_goes_on()
    {
        var site = edge.Site();
        await site.PoolClaimAsync("block", Root, 28);
        var child = await site.PoolBoundAsync("block");
        await site.ClaimAsync("web", child.Name, 32);
        await site.BoundAsync("web");
        await site.ClaimAsync("large", child.Name, 24);
        await site.FailsAsync("large", Reasons.PrefixLengthOutOfBounds);
        await edge.UntilAsync<IPPool>(null, child.Name, ConditionTypes.Ready, static ready => ready.Message!.EndsWith("1/2 claims are allocated", StringComparison.Ordinal));
        await edge.UntilAsync<IPPool>(null, Root, "IPPool-0", static found => found.Message!.EndsWith("(1/16 addresses)", StringComparison.Ordinal));

        await AgentThread.RunAsync(LookAsync).Within();
    }

    /// <summary>As a second agent would that has just begun: the same parts over copies of its own.</summary>
    async Task LookAsync()
    {
        using var end = new CancellationTokenSource();
        var state = new AgentState(edge.Api, new() { Name = "east", Hub = new("http://127.0.0.1:1") }, edge.Clock, time, static () => 0.5, NullLoggerFactory.Instance);
        var parts = new AgentParts(state, new LeaseService.LeaseServiceClient(Substitute.For<CallInvoker>()), new SiteIdentity(static _ => Task.FromResult("site")), NullLoggerFactory.Instance);
        var (claims, poolClaims) = (parts.Claims, parts.PoolClaims);
        state.Hub.Meet(null);
        state.Hub.TellPools();
        var copies = state.Copy(end.Token);
        await state.SyncedAsync();
        claims.Open();

        var settled = edge.Store.Changes.Last;
        for (var look = 0; look < Looks; look++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            foreach (var claim in state.Claims.Items) await claims.ReconcileAsync(new(claim.Namespace!, claim.Name), end.Token);
            foreach (var claim in state.PoolClaims.Items) await poolClaims.ReconcileAsync(new(claim.Namespace!, claim.Name), end.Token);
        }

        Assert.Equal((2, 1), (state.Claims.Items.Count, state.PoolClaims.Items.Count));
        Assert.Empty(FleetScene.WritesBehind(edge.Store, settled));
        await end.CancelAsync();
        await Task.WhenAll(copies).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
