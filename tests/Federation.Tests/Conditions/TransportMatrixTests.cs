using Federation.Domain.Conditions;
using Federation.E2E;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.House;
using Federation.Tests.Hub;

namespace Federation.Tests.Conditions;

/// <summary>A whole hub and a whole edge with a line and a gateway between them; one for all rows.</summary>
public sealed class BrokenLine : IAsyncLifetime
{
    /// <summary>For one row: a fenced site asks again after a minute.</summary>

    internal TestHub Hub { get; private set; } = null!;

    internal TestEdge Edge { get; private set; } = null!;

    internal NetworkLine Line { get; private set; } = null!;

    internal FaultGateway Gateway { get; private set; } = null!;

    internal Site Site => new(Edge.Api, "default", new Patience(TimeProvider.System, Limits.Cancel));

    /// <summary>A root of its own for each row: what one leaves behind is no room for the next.</summary>
    internal async Task<FaultMatrix> MatrixAsync(string pool, int number)
    {
        await Hub.PoolAsync(pool, $"10.{number}.0.0/20", ""","leasing":{"defaultPrefixLength":26}""");
        return new(Site, Line, Gateway, pool);
    }

    internal async Task RunAsync(int row) => await (await MatrixAsync($"matrix-{row}", row)).RunAsync(TransportFault.All[row], $"row-{row}");

    public async Task InitializeAsync()
    {
        Hub = await TestHub.StartAsync();
        var address = Hub.Get<HubOptions>().GrpcUrl;
        Gateway = await FaultGateway.StartAsync(address, Limits.Cancel);
        Line = new NetworkLine(address);
        Edge = await TestEdge.StartAsync(Line.Address);
    }

    public async Task DisposeAsync()
    {
        await Edge.DisposeAsync();
        Line.Dispose();
        await Gateway.DisposeAsync();
        await Hub.DisposeAsync();
    }
}

/// <summary>
/// Every way in which an edge can fail to hear its hub, driven through a real hub and a real gateway, and read back from
/// what the edge has stored. What was allocated stays allocated, and claims that have room are served all the while.
/// </summary>
[Trait("Category", "Status")]
[Whole]
public sealed class TransportMatrixTests(BrokenLine broken) : IClassFixture<BrokenLine>
{
    public static TheoryData<int, string> Rows
    {
        get
        {
            var rows = new TheoryData<int, string>();
            foreach (var (row, fault) in TransportFault.All.Index().Where(static entry => !entry.Item.IsSlow)) rows.Add(row, $"{fault.Name}: {fault.Reason}");
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Each_fault_is_stored_as_its_reason(int row, string what)
    {
        Assert.Contains(TransportFault.All[row].Reason, what, StringComparison.Ordinal);
        await broken.RunAsync(row);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_only_asks_to_be_tried_again_changes_no_condition(int row)
    {
        var matrix = await broken.MatrixAsync($"unnoticed-{row}", 100 + row);
        await broken.Site.ClaimedAsync($"first-{row}", $"unnoticed-{row}", 31);
        await matrix.RunUnnoticedAsync(TransportFault.Unnoticed[row], $"unnoticed-{row}");
    }

    [Fact]
    public async Task A_request_known_under_another_wish_is_asked_anew_and_the_plan_keeps_why()
    {
        await broken.MatrixAsync("conflict", 110);
        await broken.Site.ClaimedAsync("first-conflict", "conflict", 31);
        broken.Gateway.Play(new GatewayFault.Refusal(global::Grpc.Core.StatusCode.AlreadyExists, Federation.Proto.V1.ErrorReason.LeaseConflict), "RequestLease");
        broken.Line.DivertTo(broken.Gateway.Address);
        HashSet<string> plans = [];
        try
        {
            await broken.Site.PoolClaimAsync("conflict", "conflict", 28);
            await broken.Site.Patience.UntilAsync(() => broken.Edge.Api.GetAsync<IPPoolClaim>("default", "conflict", Limits.Cancel), claim =>
            {
                if (claim?.Status?.Plan is { Failure.Reason: Reasons.HubConflict } failed) plans.Add(failed.Id);
                return plans.Count >= 1;
            }, static _ => "no plan has failed");
        }
        finally
        {
            broken.Line.Mend();
        }

        var bound = await broken.Site.PoolBoundAsync("conflict");
        Assert.NotNull(bound.Status?.AllocatedCIDR);
    }

    [Theory]
    [InlineData("http://hub.invalid:8081", "its name has no address")]
    [InlineData("https", "the TLS handshake failed")]
    [InlineData("http://127.0.0.1:1", "Cannot connect to hub")]
    public async Task An_agent_told_of_a_wrong_hub_says_so_and_serves_what_it_has(string hub, string text)
    {
        await using var hubOfItsOwn = await TestHub.StartAsync();
        await hubOfItsOwn.PoolAsync("prod", "10.0.0.0/16", ""","leasing":{"defaultPrefixLength":26}""");
        var right = hubOfItsOwn.Get<HubOptions>().GrpcUrl;
        await using var edge = await TestEdge.StartAsync(right);
        var site = edge.Site();
        var block = await site.ClaimedAsync("before", "prod", 30);

        await edge.RestartAsync(hub == "https" ? new UriBuilder(right) { Scheme = "https" }.Uri : new Uri(hub));
        site = edge.Site();

        var stored = await edge.UntilAsync<IPPool>(null, "prod", ConditionTypes.HubConnected, static found => found is { Status: ConditionStatus.False, Reason: Reasons.HubUnreachable });
        Assert.Contains(text, stored.Message, StringComparison.Ordinal);
        await site.PoolClaimAsync("block", "prod", 28);
        await edge.UntilAsync<IPPoolClaim>("default", "block", ConditionTypes.Allocated, static found => found is { Status: ConditionStatus.Unknown, Reason: Reasons.HubUnreachable });
        await site.ClaimAsync("beyond", "prod", 20);
        await edge.UntilAsync<IPClaim>("default", "beyond", ConditionTypes.Allocated, static found => found is { Status: ConditionStatus.Unknown, Reason: Reasons.HubUnreachable });
        await site.ClaimedAsync("local", "prod", 30);
        Assert.Equal(block, await site.BlockAsync("before"));
    }
}

/// <summary>The row of a hub that takes calls and never answers: beside the others, for it waits.</summary>
[Trait("Category", "Status")]
[Whole]
public sealed class SilentHubTests(BrokenLine broken) : IClassFixture<BrokenLine>
{
    [Fact]
    public Task A_hub_that_never_answers_is_a_gateway_error() => broken.RunAsync(TransportFault.All.Index().Single(static entry => entry.Item is { IsSlow: true, Reason: Reasons.GatewayError }).Index);
}

/// <summary>The row of a site that is fenced: beside the others, for it asks again after a minute.</summary>
[Trait("Category", "Status")]
[Whole]
public sealed class FencedSiteTests(BrokenLine broken) : IClassFixture<BrokenLine>
{
    [Fact]
    public Task A_second_site_of_a_name_is_fenced_and_says_so() => broken.RunAsync(TransportFault.All.Index().Single(static entry => entry.Item is { IsSlow: true, Reason: Reasons.EdgeFenced }).Index);
}
