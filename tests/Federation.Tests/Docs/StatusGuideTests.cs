using System.Text;
using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.E2E;
using Federation.Edge;
using Federation.Hub;
using Federation.Resources;
using Federation.Rpc;
using Federation.Tests.Conditions;
using Federation.Tests.House;
using Federation.Tests.Hub;
using Grpc.Core;

namespace Federation.Tests.Docs;

/// <summary>
/// What the guide and the readme show of statuses is what commands print and code holds: between two marks a document has
/// exactly that. With FEDERATION_WRITE_DOCS set it is written anew.
/// </summary>
[Trait("Category", "Status")]
public sealed class StatusGuideTests
{
    const string Guide = "docs/troubleshooting/status-conditions.md";

    /// <summary>The way down is walked with kubectl on a whole hub and a whole edge; where there is no kubectl, nothing can be shown.</summary>
    [Fact]
    public async Task The_way_from_the_fleet_to_a_claim_is_what_kubectl_prints()
    {
        if (!File.Exists("/usr/bin/kubectl") && !File.Exists("/usr/local/bin/kubectl")) return;
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.64.0.0/26", ""","leasing":{"defaultPrefixLength":26}""");
        await using var edge = await TestEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);
        await new FleetScene(hub).RegisterAsync("west");
        var site = edge.Site();
        await RevokeAsync(hub, edge, site);

        var steps = await DrillDown.SeenAsync(new(hub.Http.BaseAddress!, Limits.Cancel), new(edge.Url, Limits.Cancel), "default");

        Shows(Guide, "drill-down", $"```\n{string.Join('\n', steps)}```\n");
        Shows("README.md", "status", $"```\n{steps[0]}{steps[1]}```\n");
    }

    [Fact]
    public void The_table_of_reasons_is_the_vocabulary()
    {
        var table = new StringBuilder("| reason | cause | cure |\n|---|---|---|\n");
        foreach (var (name, about) in Vocabulary.Reasons.Where(static reason => reason.About.Cure != "Nothing.")) table.Append($"| `{name}` | {about.Meaning} | {about.Cure} |\n");

        Shows(Guide, "reasons", table.ToString());
    }

    [Fact]
    public void The_table_of_faults_is_what_the_agent_makes_of_them()
    {
        var table = new StringBuilder("| what happened | reason | message | asked again |\n|---|---|---|---|\n");
        foreach (var (fault, what) in Faults()) table.Append(Row(what, HubReasons.Of(fault)));

        Shows(Guide, "faults", table.ToString());
    }

    static IEnumerable<(HubFailure Failure, string What)> Faults() =>
    [
        .. Enum.GetValues<ConnectionFault>().Where(static fault => fault is not (ConnectionFault.Unspecified or ConnectionFault.Protocol)).Select(static fault => ((HubFailure)new HubFailure.NoConnection(fault), $"connection: {fault}")),
        .. TransportFault.All.Select(static fault => fault.Answer switch
        {
            GatewayFault.Page(var status) => (new HubFailure.Http(status), fault.Name),
            GatewayFault.Refusal(var code, var reason, var message) => ((HubFailure)new HubFailure.Grpc(RpcFailure.Read(reason is Proto.V1.ErrorReason.Unspecified ? new RpcException(new Status(code, message)) : RpcFailure.Create(code, reason, "(what the hub says)"))), fault.Name),
            _ => (null!, ""),
        }).Where(static row => row.Item1 is not null),
    ];

    static string Row(string what, HubReason reason) =>
        $"| {what} | `{reason.Reason}` | {(reason.IsVerdict ? "what the hub says, as `Allocated=False`" : reason.Message)} | {reason.Pace switch { RetryPace.AtOnce => "at once", RetryPace.Slow => "slowly", RetryPace.WhenCapacityChanges => "when something changes that may help", _ => "with backoff" }} |\n";

    static async Task RevokeAsync(TestHub hub, TestEdge edge, Site site)
    {
        await site.PoolClaimAsync("web", "prod", 26);
        var child = await site.PoolBoundAsync("web");
        await site.ClaimedAsync("first", child.Name, 28);
        var lease = hub.Store.Current.All<IPLease>().Single();
        await hub.SendAsync("PATCH", $"/apis/ipam.federation.io/v1alpha1/ipleases/{lease.Name}", new JsonObject { ["spec"] = new JsonObject { ["revoked"] = true } }, "application/merge-patch+json");
        await edge.UntilAsync<IPPool>(null, child.Name, ConditionTypes.Ready, static found => found.Reason is Reasons.LeaseRevoked);
        await site.ClaimAsync("second", child.Name, 28);
        await site.FailsAsync("second", Reasons.PoolExhausted);
        var scene = new FleetScene(hub);
        await scene.UntilAsync<IPPool>("prod", static conditions => conditions.Find("IPLease-0") is { Reason: Reasons.LeaseRevoked } found && found.Message.Contains("knows", StringComparison.Ordinal));
        await scene.UntilAsync<Federation.Resources.Edge>("east", static conditions => conditions.Find("IPLease-0") is { Reason: Reasons.LeaseRevoked } found && found.Message.Contains("knows", StringComparison.Ordinal));
        await scene.ReadyIsAsync<FederationObject>("hub", Reasons.EdgesProgressing);
    }

    static void Shows(string document, string name, string wanted)
    {
        var (text, begin, end) = (Repository.Read(document), $"<!-- shown: {name} -->\n", "<!-- end -->");
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{document} shows no {name}");
        from += begin.Length;
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("FEDERATION_WRITE_DOCS") is not null) File.WriteAllText(Path.Combine(Repository.Root, document), text[..from] + wanted + text[to..]);
        else Assert.Equal(wanted, text[from..to]);
    }
}
