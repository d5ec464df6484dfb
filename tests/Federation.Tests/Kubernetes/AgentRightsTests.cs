using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.E2E;
using Federation.Resources;
using Federation.Tests.House;
using YamlDotNet.RepresentationModel;

namespace Federation.Tests.Kubernetes;

/// <summary>The rights in <c>deploy/edge</c> against what an agent asks of a real API server in a whole life, both ways.</summary>
public sealed class AgentRightsTests
{
    const string Agent = $"system:serviceaccount:{ClusterSite.Namespace}:federation-edge";

    [KubeFact]
    public async Task What_the_agent_is_granted_is_what_it_uses_and_nothing_more()
    {
        using var limit = new CancellationTokenSource(Limits.Longest, TimeProvider.System);
        await using var topology = await Topology.StartAsync("edge-kube", TimeProvider.System, limit.Token);
        var world = new CaseWorld(topology, "rights", TimeProvider.System, limit.Token);
        await topology.PrepareAsync(["rights"], limit.Token);

        await LiveAsync(world);
        topology.KillEdge();
        await Eventually(() => Task.FromResult(Asked(topology.Cluster!.AuditLogPath).Any(static call => call.Right.StartsWith("watch", StringComparison.Ordinal))), limit.Token); // watches are written down as they end

        var asked = Asked(topology.Cluster!.AuditLogPath).ToList();
        Assert.DoesNotContain(asked, static call => call.Code is 401 or 403);
        var used = asked.Select(static call => call.Right).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Granted().Distinct().Order(StringComparer.Ordinal), used);
    }

    /// <summary>Everything an agent ever does: blocks come and go, claims are kept and taken up, pools are mirrored, changed and withdrawn.</summary>
    static async Task LiveAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("life", "10.0.0.0/20", 24, 32, static pool => pool with { Spec = pool.Spec with { Allocation = pool.Spec.Allocation! with { ReuseDelaySeconds = 0 } } });
        await world.PoolAsync("passing", "10.1.0.0/20");
        await site.PoolClaimAsync("block", "life", 24);
        var child = await site.PoolBoundAsync("block");
        var kept = await Kept(site, child.Name);
        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "kept", cancel: world.Cancel);
        await site.GoneAsync<IPClaim>(site.Namespace, "kept");
        await Eventually(async () => (await site.AllocationsOfAsync("kept")).Single().Status?.Phase is AllocationPhase.Retained, world.Cancel);
        Assert.Equal(kept, await Kept(site, child.Name, ReclaimPolicy.Delete));

        await world.OrderAsync<IPPool>("life", new JsonObject { ["reservations"] = new JsonArray("10.0.15.0/28") });
        await Eventually(async () => (await site.PoolAsync("life")).Spec.Reservations is { Count: 1 }, world.Cancel);
        await site.PoolAsync("passing");
        await world.Hub.DeleteAsync<IPPool>(null, "passing", cancel: world.Cancel);
        await site.GoneAsync<IPPool>(null, "passing");
        await site.ClaimedAsync("own", "life", 32);

        await site.DeleteClaimAsync("kept");
        await site.Api.DeleteAsync<IPPoolClaim>(site.Namespace, "block", cancel: world.Cancel);
        await site.GoneAsync<IPPoolClaim>(site.Namespace, "block");
        await site.ClaimAsync("withdrawn", "life", 32, static spec => spec with { Cidr = Cidr.Parse("10.0.15.0/32") });
        await site.ClaimAsync("too-much", "life", 24, static spec => spec with { Cidr = Cidr.Parse("10.0.0.0/24") });
        await Eventually(async () => (await site.ClaimsAsync()).All(static claim => claim.Status?.Phase is not null), world.Cancel);
        await WithdrawnAsync(world);
        await ForgedAsync(world);
        await BuriedAsync(world);
    }

    /// <summary>A claim that says it holds what is in no book: the agent asks for the allocation it names.</summary>
    static async Task ForgedAsync(CaseWorld world)
    {
        var site = world.Site;
        await site.ClaimAsync("forged", "nowhere", 32);
        await Eventually(async () => (await site.ClaimsAsync()).Single(static claim => claim.Name == "forged").Status?.Phase is ClaimPhase.Error, world.Cancel);
        var forged = (await site.ClaimsAsync()).Single(static claim => claim.Name == "forged").Bound(Cidr.Parse("10.9.9.9/32"), "nowhere", "nowhere.10-9-9-9-32", TimeProvider.System.GetUtcNow());
        await site.Api.ReplaceStatusAsync(forged, world.Cancel);
        await Eventually(async () => (await site.ClaimsAsync()).Single(static claim => claim.Name == "forged").Status?.Phase is ClaimPhase.Error, world.Cancel);
    }

    /// <summary>A pool claim goes while the hub is away, and the one that is to remember its release is there already, as after a crash.</summary>
    static async Task BuriedAsync(CaseWorld world)
    {
        var site = world.Site;
        await site.PoolClaimAsync("buried", "life", 26);
        await site.PoolBoundAsync("buried");
        var claim = (await site.Api.GetAsync<IPPoolClaim>(site.Namespace, "buried", world.Cancel))!;
        world.Topology.KillHub();
        await site.Api.CreateAsync(new IPPoolClaim
        {
            Metadata = new()
            {
                Name = $"released-{claim.Uid}",
                Namespace = ClusterSite.Namespace,
                Annotations = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("ipam.federation.io/paused", "true"),
            },
            Spec = claim.Spec,
        }, cancel: world.Cancel);
        await site.Api.DeleteAsync<IPPoolClaim>(site.Namespace, "buried", cancel: world.Cancel);
        await site.GoneAsync<IPPoolClaim>(site.Namespace, "buried");
    }

    /// <summary>A block the hub refused is asked for no longer once its claim is gone: the agent deletes the pool claim it filed.</summary>
    static async Task WithdrawnAsync(CaseWorld world)
    {
        await world.PoolAsync("closed", "10.2.0.0/24", 28, 32, static pool => pool with { Spec = pool.Spec with { Leasing = new() { Enabled = false } } });
        await world.Site.ClaimAsync("vain", "closed", 32);
        await Eventually(async () => (await world.Site.ClaimsAsync()).Single(static claim => claim.Name == "vain").Status?.Phase is ClaimPhase.Error, world.Cancel);
        await world.Site.DeleteClaimAsync("vain");
        await Eventually(async () => (await world.Site.Api.ListAsync<IPPoolClaim>(new(), world.Cancel)).Items.All(static claim => claim.Spec.ParentPoolRef?.Name != "closed"), world.Cancel);
    }

    static async Task<Cidr> Kept(Site site, string pool, ReclaimPolicy policy = ReclaimPolicy.Retain)
    {
        await site.ClaimAsync("kept", pool, 32, spec => spec with { ReclaimPolicy = policy });
        return await site.BlockAsync("kept");
    }

    static async Task Eventually(Func<Task<bool>> holds, CancellationToken cancel)
    {
        while (!await holds()) await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
    }

    /// <summary>What the agent asked: <c>verb resource</c>, with the answer's code.</summary>
    static IEnumerable<(string Right, int Code)> Asked(string log) =>
        from line in File.ReadLines(log)
        let entry = JsonNode.Parse(line)!
        where entry["user"]!["username"]!.GetValue<string>() == Agent && entry["objectRef"] is not null
        let target = entry["objectRef"]!
        let resource = target["subresource"] is { } part ? $"{target["resource"]}/{part}" : $"{target["resource"]}"
        select ($"{entry["verb"]} {target["apiGroup"]?.ToString() ?? ""} {resource}", entry["responseStatus"]!["code"]!.GetValue<int>());

    static IEnumerable<string> Granted()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read("deploy/edge/base/rbac.yaml")));
        foreach (var rule in stream.Documents.Select(static document => (YamlMappingNode)document.RootNode)
            .Where(static role => role["kind"].ToString() is "ClusterRole" or "Role").SelectMany(static role => (YamlSequenceNode)role["rules"]))
        {
            foreach (var right in from verb in Words(rule["verbs"]) from api in Words(rule["apiGroups"]) from resource in Words(rule["resources"]) select $"{verb} {api} {resource}") yield return right;
        }
    }

    static IEnumerable<string> Words(YamlNode list) => ((YamlSequenceNode)list).Select(static word => word.ToString());
}
