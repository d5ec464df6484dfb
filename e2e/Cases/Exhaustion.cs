using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

static class Exhaustion
{
    public static async Task RefusesAndServesAgainAsync(CaseWorld world)
    {
        var site = world.Site;
        world.At("EX-1");
        await world.PoolAsync("exhaust-pool", "192.168.0.0/31", min: 32, max: 32);

        world.At("EX-2");
        var first = await site.ClaimedAsync("claim-1", "exhaust-pool", 32);
        var second = await site.ClaimedAsync("claim-2", "exhaust-pool", 32);
        Expect.Disjoint([first, second]);

        world.At("EX-3");
        await site.ClaimAsync("claim-3", "exhaust-pool", 32);
        await site.FailsAsync("claim-3", Reasons.PoolExhausted);
        await site.DeleteClaimAsync("claim-3");

        world.At("EX-4");
        await site.DeleteClaimAsync("claim-1");
        Expect.Inside(Cidr.Parse("192.168.0.0/31"), await site.ClaimedAsync("claim-3", "exhaust-pool", 32));
        await world.PoolIsAsync("exhaust-pool", PoolPhase.Exhausted);
    }
}
