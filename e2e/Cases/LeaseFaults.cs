using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>What goes wrong between an edge and its hub, and how both come out of it.</summary>
static class LeaseFaults
{
    const int Kills = 8;

    /// <summary>Longer than any call waits for its answer.</summary>

    public static async Task PartitionAsync(CaseWorld world)
    {
        await world.PoolAsync("parted", "10.95.0.0/24", 26, 32, pool => pool.LeasedBy(27));
        List<Domain.Addressing.Cidr> blocks = [await world.Site.ClaimedAsync("before", "parted", 30)];

        world.At("cut off");
        world.Topology.CutLine();
        for (var i = 0; i < 5; i++) blocks.Add(await world.Site.ClaimedAsync($"meanwhile-{i}", "parted", 30));
        await world.Site.ClaimAsync("beyond", "parted", 27);
        await world.Site.WaitsAsync("beyond", [Reasons.WaitingForLease, Reasons.HubUnreachable, Reasons.GatewayError]);

        world.At("healed");
        world.Topology.MendLine();
        blocks.Add((await world.Site.BoundAsync("beyond")).Status!.AllocatedCIDR!.Value);
        Expect.Disjoint(blocks);
        await AgreeAsync(world, "parted");
    }

    public static async Task StaleReturnAsync(CaseWorld world)
    {
        await world.PoolAsync("stale", "10.96.0.0/24", 28, 32, pool => pool.LeasedBy(28));
        await world.Site.ClaimedAsync("before", "stale", 30);
        var lease = await world.LeaseIsAsync("stale", static lease => lease.Status?.Phase is LeasePhase.Active, "Active");

        world.At("revoked while cut off");
        world.Topology.CutLine();
        await world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["revoked"] = true });
        await world.Site.ClaimedAsync("unaware", "stale", 30);
        var epoch = (await world.LeaseIsAsync("stale", static lease => lease.Status?.Phase is LeasePhase.Revoked, "Revoked")).Status!.Epoch!.Value;
        await world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["confirmedEpoch"] = epoch });
        var waiting = await world.Hub.GetAsync<IPLease>(null, lease.Name, world.Cancel);
        Expect.Equal(LeasePhase.Revoked, waiting?.Status?.Phase);

        world.At("back");
        world.Topology.MendLine();
        await world.LeasesAreAsync("stale", leases => leases.All(other => other.Name != lease.Name || other.Status?.Phase is LeasePhase.Released), "released once the edge knew");
        var child = (await world.Site.Api.ListAsync<IPPool>(new(), world.Cancel)).Items.Single(pool => pool.Spec.Cidr == lease.Spec.Cidr);
        await world.Site.PoolSaysAsync(child.Name, Reasons.LeaseRevoked);
        var after = await world.Site.ClaimedAsync("after", "stale", 30);
        Expect.That(!lease.Spec.Cidr!.Value.Contains(after), $"{after} comes out of the revoked {lease.Spec.Cidr}");
    }

    public static async Task KilledAgentAsync(CaseWorld world)
    {
        await world.PoolAsync("crashed", "10.97.0.0/24", 26, 32);
        for (var i = 0; i < Kills; i++)
        {
            world.At($"kill {i}");
            await world.Site.PoolClaimAsync($"crash-{i}", "crashed", 28);
            await Task.Delay(TimeSpan.FromMilliseconds(7 * i), TimeProvider.System, world.Cancel);
            world.Topology.KillEdge();
            await world.Topology.RestartEdgeAsync(world.Cancel);
        }

        List<IPPool> children = [];
        for (var i = 0; i < Kills; i++) children.Add(await world.Site.PoolBoundAsync($"crash-{i}"));
        Expect.Disjoint(children.Select(static child => child.Status!.AllocatedCIDR!.Value));
        await AgreeAsync(world, "crashed");
        Expect.Equal(Kills, (await world.LeasesAsync("crashed")).Count(static lease => lease.Status?.Phase is LeasePhase.Active or LeasePhase.Offered));
    }

    public static async Task TombstoneAsync(CaseWorld world)
    {
        await world.PoolAsync("buried", "10.98.0.0/24", 28, 32);
        await world.Site.PoolClaimAsync("away", "buried", 28);
        await world.Site.PoolBoundAsync("away");
        var uid = (await world.Site.Api.GetAsync<IPPoolClaim>(world.Site.Namespace, "away", world.Cancel))!.Uid;

        world.At("deleted without a hub");
        world.Topology.KillHub();
        await world.Site.Api.DeleteAsync<IPPoolClaim>(world.Site.Namespace, "away", cancel: world.Cancel);
        await world.Site.GoneAsync<IPPoolClaim>(world.Site.Namespace, "away");
        Expect.That(await world.Site.Api.GetAsync<IPPoolClaim>("federation-system", $"released-{uid}", world.Cancel) is not null, "nobody remembers to release the lease");

        world.At("the hub is back");
        await world.Topology.RestartHubAsync(world.Cancel);
        await world.LeasesAreAsync("buried", static leases => leases.All(static lease => lease.Status?.Phase is LeasePhase.Released), "given back");
        await world.Site.GoneAsync<IPPoolClaim>("federation-system", $"released-{uid}");
    }

    public static async Task TwinAsync(CaseWorld world)
    {
        await world.PoolAsync("twins", "10.99.0.0/24", 28, 32, pool => pool.LeasedBy(28));
        await world.Site.ClaimedAsync("mine", "twins", 30);

        world.At("a twin starts");
        var twin = world.SiteAt(await world.Topology.StartTwinAsync(world.Cancel), "twin");
        try
        {
            await twin.ClaimAsync("theirs", "twins", 30);
            await twin.WaitsAsync("theirs", [Reasons.EdgeFenced]);
            await world.Site.ClaimedAsync("still-mine", "twins", 30);
        }
        finally
        {
            world.Topology.KillTwin();
        }
    }

    /// <summary>What the hub has lent of a pool to the first edge is what that edge holds, lease by lease.</summary>
    static async Task AgreeAsync(CaseWorld world, string pool)
    {
        var held = (await world.Site.Api.ListAsync<IPPoolClaim>(new(), world.Cancel)).Items
            .Where(claim => claim.Spec.ParentPoolRef?.Name == pool)
            .SelectMany(static claim => new[] { claim.Status?.Lease }.Concat(claim.Status?.Growth ?? []))
            .Select(static grant => $"{grant?.Id} {grant?.Cidr} {grant?.Epoch}").Order(StringComparer.Ordinal).ToList();
        var lent = (await world.LeasesAsync(pool)).Where(static lease => lease.Spec.EdgeName == LeaseOrders.East && lease.Status?.Phase is LeasePhase.Active)
            .Select(static lease => $"{lease.Name} {lease.Spec.Cidr} {lease.Status?.Epoch}").Order(StringComparer.Ordinal).ToList();
        Expect.That(held.SequenceEqual(lent), $"the edge holds [{string.Join(", ", held)}], the hub has lent [{string.Join(", ", lent)}]");
    }
}
