using Federation.Domain.Conditions;

namespace Federation.E2E;

static class Restarts
{
    public static async Task KilledHubAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("survivor", "10.84.0.0/24", 28, 32, pool => pool.LeasedBy(28));
        var before = await site.ClaimedAsync("before", "survivor", 30);

        world.At("the hub is killed");
        world.Topology.KillHub();
        if (world.Topology.HasEdges) Expect.Disjoint([before, await site.ClaimedAsync("meanwhile", "survivor", 30)]);

        world.At("the hub is back");
        await world.Topology.RestartHubAsync(world.Cancel);
        if (!world.Topology.HasEdges) await site.ClaimedAsync("meanwhile", "survivor", 30);
        Expect.Equal(before, await site.BlockAsync("before"));
        for (var i = 0; i < 6; i++) await site.ClaimedAsync($"after-{i}", "survivor", 30);
        Expect.Disjoint((await site.AllocationsAsync()).Select(static allocation => allocation.Spec.Cidr!.Value));
        await site.ClaimAsync("unknown-pool", "no-such-pool", 30);
        await site.FailsAsync("unknown-pool", Reasons.PoolNotFound);
    }
}
