using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

static class Waiting
{
    public static async Task FreedSpaceAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("queue", "10.76.0.0/31", min: 32, max: 32);
        var first = await site.ClaimedAsync("holder-1", "queue", 32);
        var second = await site.ClaimedAsync("holder-2", "queue", 32);
        foreach (var name in new[] { "waiting-1", "waiting-2", "waiting-3" })
        {
            await site.ClaimAsync(name, "queue", 32);
            await site.FailsAsync(name, Reasons.PoolExhausted);
        }

        world.At("one is freed");
        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "holder-1", cancel: world.Cancel);
        Expect.Equal(first, await site.BlockAsync("waiting-1"));

        world.At("another is freed");
        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "holder-2", cancel: world.Cancel);
        Expect.Equal(second, await site.BlockAsync("waiting-2"));

        world.At("the youngest waits on");
        await site.FailsAsync("waiting-3", Reasons.PoolExhausted);
    }

    public static async Task ClaimBeforePoolAsync(CaseWorld world)
    {
        await world.Site.ClaimAsync("early", "late-pool", 24);
        await world.Site.FailsAsync("early", Reasons.PoolNotFound);

        world.At("the pool appears");
        await world.PoolAsync("late-pool", "10.77.0.0/20", min: 24, max: 28);
        Expect.Inside(Cidr.Parse("10.77.0.0/20"), await world.Site.BlockAsync("early"));
    }

    public static async Task SelectorBeforePoolAsync(CaseWorld world)
    {
        await world.Site.ClaimAsync("early", Selectors.By(("season", "late")));
        await world.Site.FailsAsync("early", Reasons.NoMatchingPool);

        world.At("a pool appears");
        await world.PoolAsync("late-match", "10.78.0.0/20", 24, 28, pool => pool.Labelled(("season", "late")));
        Expect.Inside(Cidr.Parse("10.78.0.0/20"), await world.Site.BlockAsync("early"));
    }

    public static async Task DeletedWhileWaitingAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("given-up", "10.79.0.0/32", min: 32, max: 32);
        var block = await site.ClaimedAsync("holder", "given-up", 32);
        foreach (var name in new[] { "gives-up", "stays" })
        {
            await site.ClaimAsync(name, "given-up", 32);
            await site.FailsAsync(name, Reasons.PoolExhausted);
        }

        world.At("deleted");
        await site.DeleteClaimAsync("gives-up");

        world.At("freed");
        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "holder", cancel: world.Cancel);
        Expect.Equal(block, await site.BlockAsync("stays"));
        Expect.Equal(1, (await site.AllocationsAsync()).Count);
    }
}
