using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.E2E;

static class DualStack
{
    public static async Task PairAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("pair-four", "10.80.0.0/20", 24, 32, pool => pool.Labelled(("network", "pair")));
        await world.PoolAsync("pair-six", "fd00:80::/48", 64, 128, pool => pool.Labelled(("network", "pair")));

        await site.ClaimAsync("pair-v4", Selectors.By(("network", "pair")) with { IpFamily = IPFamily.IPv4, PrefixLength = 28 });
        await site.ClaimAsync("pair-v6", Selectors.By(("network", "pair")) with { IpFamily = IPFamily.IPv6, PrefixLength = 64 });

        Expect.Inside(Cidr.Parse("10.80.0.0/20"), await site.BlockAsync("pair-v4"));
        Expect.Inside(Cidr.Parse("fd00:80::/48"), await site.BlockAsync("pair-v6"));
    }

    public static async Task SixtyFoursAsync(CaseWorld world)
    {
        await world.PoolAsync("six", "fd00:64::/32", min: 48, max: 64);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => world.Site.ClaimAsync($"six-{i}", "six", 64)));
        var claims = await world.Site.AllClaimsAsync(ClaimReport.IsBound, "bound");

        List<Cidr> blocks = [.. claims.Select(static claim => claim.Status!.AllocatedCIDR!.Value)];
        Expect.Disjoint(blocks);
        foreach (var block in blocks)
        {
            Expect.Inside(Cidr.Parse("fd00:64::/32"), block);
            Expect.Equal(64, block.Length);
        }
    }
}
