using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.E2E;

static class HostAddresses
{
    public static async Task AllOfThemAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("host-four", "10.50.1.0/29", min: 32, max: 32);
        await world.PoolAsync("host-six", "2001:db8::/126", min: 128, max: 128);

        world.At("HO-1");
        Expect.Inside(Cidr.Parse("10.50.1.0/29"), await site.ClaimedAsync("host-0", "host-four", 32));

        world.At("HO-2");
        await site.ClaimedAsync("host-1", "host-four", 32);
        Expect.Disjoint(await BlocksAsync(site));

        world.At("HO-3");
        for (var i = 2; i < 8; i++) await site.ClaimedAsync($"host-{i}", "host-four", 32);
        var blocks = await BlocksAsync(site);
        Expect.Equal(8, blocks.Distinct().Count());
        foreach (var block in blocks) Expect.Inside(Cidr.Parse("10.50.1.0/29"), block);
        foreach (var pool in (await site.AllocationsAsync()).Select(static allocation => allocation.Spec.PoolRef!.Name!).Distinct()) await site.AvailableIsAsync(pool, AddressCount.Zero);

        world.At("HO-4");
        await site.ClaimAsync("host-8", "host-four", 32);
        await site.FailsAsync("host-8", Reasons.PoolExhausted);

        world.At("HO-5");
        Expect.Inside(Cidr.Parse("2001:db8::/126"), await site.ClaimedAsync("host-six-0", "host-six", 128));
    }

    static async Task<List<Cidr>> BlocksAsync(Site site) => [.. (await site.AllocationsAsync()).Select(static allocation => allocation.Spec.Cidr!.Value)];
}
