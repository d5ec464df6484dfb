using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Kubernetes;

namespace Federation.E2E;

/// <summary>What can go wrong between an agent and its cluster's API server, and between two agents.</summary>
static class ClusterFaults
{
    /// <summary>After which the second agent holds the lock of one that was killed: <c>--lock-seconds</c>.</summary>
    static readonly TimeSpan Term = TimeSpan.FromSeconds(5);

    /// <summary>What a busy machine may take for what takes no time: a kill, a look, a write.</summary>
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    public static async Task ApiServerAwayAsync(CaseWorld world)
    {
        var (site, cluster) = (world.Site, world.Topology.Cluster!);
        await world.PoolAsync("api-away", "172.24.0.0/24", 28, 32, static pool => pool.LeasedBy(28));
        var before = await site.ClaimedAsync("before", "api-away", 32);
        await site.ClaimAsync("during", "api-away", 32);

        world.At("killed and started again");
        cluster.KillApi();
        await cluster.StartApiAsync(world.Cancel);
        Expect.Equal(before, await site.BlockAsync("before"));
        Expect.Disjoint([before, await site.BlockAsync("during"), await site.ClaimedAsync("after", "api-away", 32)]);
    }

    public static async Task RightsWithdrawnAsync(CaseWorld world)
    {
        var (site, kubectl) = (world.Site, world.Kubectl);
        await world.PoolAsync("rightless", "172.24.1.0/24", 28, 32, static pool => pool.LeasedBy(28));
        var before = await site.ClaimedAsync("before", "rightless", 32);

        world.At("withdrawn");
        await kubectl.RunAsync("delete clusterrolebinding federation-edge");
        await site.ClaimAsync("during", "rightless", 32);
        await ApiFaults.SaysAsync(world, "403");
        Expect.Equal(before, await site.BlockAsync("before"));

        world.At("restored");
        await kubectl.RunAsync($"apply -f {Path.Combine(ServerProcess.Repository(), "deploy", "edge", "base", "rbac.yaml")}");
        Expect.Disjoint([before, await site.BlockAsync("during")]);
    }

    public static async Task LeaderKilledAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("led", "172.24.2.0/24", 26, 32, static pool => pool.LeasedBy(26));
        var blocks = new List<Domain.Addressing.Cidr> { await site.ClaimedAsync("first", "led", 32) };
        var second = await world.Topology.StartSecondAgentAsync(world.Cancel);
        var leader = await HolderAsync(world);

        world.At("the leader is killed");
        world.Topology.KillEdge();
        var killed = TimeProvider.System.GetTimestamp();
        await site.ClaimAsync("second", "led", 32);
        await world.Patience.UntilAsync(() => HolderAsync(world), holder => holder != leader, static _ => "the lock is still the killed agent's");
        var took = TimeProvider.System.GetElapsedTime(killed);
        Expect.That(took < Term + Slack, $"the other took over after {took.TotalSeconds:F1} s: the lock's term is {Term.TotalSeconds} s");
        blocks.Add((await site.BoundAsync("second")).Status!.AllocatedCIDR!.Value);

        world.At("the other steps back for one that starts");
        await world.Topology.RestartEdgeAsync(world.Cancel);
        second.Kill();
        for (var i = 0; i < 8; i++) await site.ClaimAsync($"third-{i}", "led", 32);
        for (var i = 0; i < 8; i++) blocks.Add((await site.BoundAsync($"third-{i}")).Status!.AllocatedCIDR!.Value);
        Expect.Disjoint(blocks);
    }

    /// <summary>The lock is taken out of the leader's hand, as if it had slept: for a moment both allocate.</summary>
    public static async Task TwoLeadersAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("contended", "172.24.3.0/24", 25, 32, static pool => pool.LeasedBy(25));
        await site.ClaimedAsync("first", "contended", 32);
        using var second = await world.Topology.StartSecondAgentAsync(world.Cancel);

        for (var round = 0; round < 3; round++)
        {
            world.At($"round {round}");
            await ClusterSite.FreeLockAsync(world.Topology.Api, world.Cancel);
            for (var i = 0; i < 15; i++) await site.ClaimAsync($"r{round}-{i}", "contended", 32);
        }

        for (var i = 0; i < 45; i++) await site.BoundAsync($"r{i / 15}-{i % 15}");
        Expect.Disjoint((await site.AllocationsAsync()).Select(static allocation => allocation.Spec.Cidr!.Value));
        foreach (var group in (await site.AllocationsAsync()).GroupBy(static allocation => allocation.Spec.ClaimRef!.Uid)) Expect.Equal(1, group.Count());
    }

    /// <summary>While no webhook answers, a pool in use can be deleted: its finalizer keeps it until it is empty.</summary>
    public static async Task WebhookAwayAsync(CaseWorld world)
    {
        var (site, kubectl) = (world.Site, world.Kubectl);
        await world.PoolAsync("unguarded", "172.24.4.0/24", 28, 32, static pool => pool.LeasedBy(28));
        await site.PoolClaimAsync("block", "unguarded", 28);
        var child = await site.PoolBoundAsync("block");
        var held = await site.ClaimedAsync("holder", child.Name, 32);
        var refusal = await kubectl.FailsAsync($"delete ippool {child.Name}");
        Expect.That(refusal.Contains("1 holder", StringComparison.Ordinal) && refusal.Contains($"{site.Namespace}/holder", StringComparison.Ordinal), refusal);

        world.At("the webhook is away");
        var hook = await kubectl.RunAsync("get validatingwebhookconfiguration federation-edge -o json");
        await kubectl.RunAsync("delete validatingwebhookconfiguration federation-edge");
        await kubectl.RunAsync($"delete ippool {child.Name} --wait=false");
        await site.ClaimAsync("late", child.Name, 32);
        await site.PoolSaysAsync(child.Name, Reasons.Draining);
        Expect.Equal(held, await site.BlockAsync("holder"));
        Expect.That((await site.PoolAsync(child.Name)).Metadata.IsDeleting(), "the pool is not being deleted");

        world.At("the last holder goes");
        await site.DeleteClaimAsync("holder");
        await site.PoolIsReplacedAsync(child);
        var stored = JsonNode.Parse(hook)!.AsObject();
        foreach (var field in new[] { "uid", "resourceVersion", "creationTimestamp", "managedFields", "generation" }) stored["metadata"]!.AsObject().Remove(field);
        await kubectl.RunAsync("apply -f -", stored.ToJsonString());
    }

    static async Task<string?> HolderAsync(CaseWorld world) => (await world.Topology.Api.GetAsync<LeaseLock>(ClusterSite.Namespace, ClusterSite.LockName, world.Cancel))?.Spec.HolderIdentity;
}
