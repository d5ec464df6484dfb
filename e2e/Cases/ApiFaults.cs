using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>An API server that answers, but not as it should: the agent keeps what it has, counts what it meets, and converges after.</summary>
static class ApiFaults
{
    static readonly (string Name, ApiFault Fault, string? Code)[] All =
    [
        ("throttled", new ApiFault.Refused(429, RetryAfterSeconds: 1), "429"),
        ("failing", new ApiFault.Refused(500), "500"),
        ("unavailable", new ApiFault.Refused(503), "503"),
        ("broken", new ApiFault.Broken(), "none"),
        ("slow", new ApiFault.Slow(TimeSpan.FromMilliseconds(300)), null),
        ("forgetful", new ApiFault.Forgetful(), "410"),
    ];

    /// <summary>One fault after the other. Where requests pass, slowly or from a list, claims are bound meanwhile.</summary>
    public static async Task PlayedAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("api-faults", "172.24.5.0/24", 28, 32, static pool => pool.LeasedBy(28));
        var blocks = new List<Cidr> { await site.ClaimedAsync("before", "api-faults", 32) };
        await using var gateway = await world.Topology.PutGatewayBeforeAgentAsync(world.Cancel);
        foreach (var (name, fault, code) in All)
        {
            world.At(name);
            gateway.Play(fault);
            await site.ClaimAsync(name, "api-faults", 32);
            await world.Patience.UntilAsync(() => Task.FromResult(gateway.Met), static met => met >= 3, static met => $"only {met} requests met the fault");
            if (code is null) await site.BoundAsync(name);
            else await SaysAsync(world, code);
            Expect.Equal(blocks[0], await site.BlockAsync("before"));

            gateway.Play(null);
            blocks.Add((await site.BoundAsync(name)).Status!.AllocatedCIDR!.Value);
        }

        Expect.Disjoint(blocks);
        await world.Topology.TakeGatewayAwayAsync(world.Cancel);
    }

    /// <summary>
    /// While the agent is cut off, things come and go, etcd forgets what was, and the API server its watch cache: what the
    /// agent's watches would go on from is too old, and everything is read anew.
    /// </summary>
    public static async Task CompactedAsync(CaseWorld world)
    {
        var (site, cluster) = (world.Site, world.Topology.Cluster!);
        await world.PoolAsync("compacted", "172.24.6.0/24", 28, 32, static pool => pool.LeasedBy(28));
        var stays = await site.ClaimedAsync("stays", "compacted", 32);
        var goes = await site.ClaimedAsync("goes", "compacted", 32);
        await using var gateway = await world.Topology.PutGatewayBeforeAgentAsync(world.Cancel, ("--lock-seconds", "60"));

        world.At("cut off");
        gateway.Play(new ApiFault.Broken());
        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "goes", cancel: world.Cancel);
        await site.ClaimAsync("late", "compacted", 32, spec => spec with { Cidr = goes });
        await cluster.CompactAsync(world.Cancel);
        cluster.KillApi();
        await cluster.StartApiAsync(world.Cancel);

        world.At("back");
        var lists = gateway.Lists;
        gateway.Play(null);
        Expect.Equal(goes, (await site.BoundAsync("late")).Status!.AllocatedCIDR!.Value);
        Expect.Equal(stays, await site.BlockAsync("stays"));
        Expect.That(gateway.Lists >= lists + 4, $"{gateway.Lists - lists} kinds were listed again, not all four");
        await world.Topology.TakeGatewayAwayAsync(world.Cancel);
    }

    /// <summary>The agent's token ends and nobody has renewed it; then a new one is in its file.</summary>
    public static async Task TokenExpiredAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("expired", "172.24.7.0/24", 28, 32, static pool => pool.LeasedBy(28));
        var before = await site.ClaimedAsync("before", "expired", 32);
        var renew = await world.Topology.GiveAgentTokenAsync(TimeSpan.FromSeconds(8), world.Cancel);

        world.At("expired");
        await SaysAsync(world, "401");
        await site.ClaimAsync("during", "expired", 32);
        Expect.Equal(before, await site.BlockAsync("before"));

        world.At("renewed");
        renew(TimeSpan.FromHours(1));
        Expect.Disjoint([before, (await site.BoundAsync("during")).Status!.AllocatedCIDR!.Value]);
        await world.Topology.TakeGatewayAwayAsync(world.Cancel);
    }

    /// <summary>The agent counts answers of this code: what an alert looks at.</summary>
    public static Task<string> SaysAsync(CaseWorld world, string code) => world.Patience.UntilAsync(
        () => world.Topology.AgentMetricsAsync(world.Cancel),
        text => text.Split('\n').Any(line => line.StartsWith("federation_kubernetes_request_duration_seconds_count{", StringComparison.Ordinal) && line.Contains($"code=\"{code}\"", StringComparison.Ordinal)),
        _ => $"the agent counts no answers {code} of the API server");
}
