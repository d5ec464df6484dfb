using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.E2E;

static class ManyClaims
{
    const int Writers = 8;
    const int PerWriter = 125;

    public static async Task TenAtOnceAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("overlap-parent", "10.64.0.0/16", min: 24, max: 24);

        world.At("OV-1");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => site.ClaimAsync($"overlap-{i}", "overlap-parent", 24)));
        var claims = await site.AllClaimsAsync(ClaimReport.IsBound, "bound");

        Distinct(claims, expected: 10, inside: "10.64.0.0/16", length: 24);
        Expect.Equal(10, (await site.AllocationsAsync()).Count);
    }

    public static async Task ThousandFromEightWritersAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("bulk", "10.65.0.0/20", min: 32, max: 32, pool => pool.LeasedBy(24));

        world.At("filing");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync));
        world.At("binding");
        var claims = await site.AllClaimsAsync(ClaimReport.IsBound, "bound");

        world.At("counting");
        Distinct(claims, Writers * PerWriter, inside: "10.65.0.0/20", length: 32);
        var allocations = await site.AllocationsAsync();
        Expect.Equal(Writers * PerWriter, allocations.Count);
        Expect.Equal(Writers * PerWriter, allocations.Select(static allocation => allocation.Spec.Cidr).Distinct().Count());

        async Task WriteAsync(int writer)
        {
            for (var i = 0; i < PerWriter; i++) await site.ClaimAsync($"bulk-{writer}-{i}", "bulk", 32);
        }
    }

    static void Distinct(IReadOnlyList<IPClaim> claims, int expected, string inside, int length)
    {
        Expect.Equal(expected, claims.Count);
        List<Cidr> blocks = [.. claims.Select(static claim => claim.Status!.AllocatedCIDR!.Value)];
        foreach (var block in blocks) Expect.Inside(Cidr.Parse(inside), block);
        Expect.That(blocks.All(block => block.Length == length), $"not all blocks are /{length}");
        Expect.Disjoint(blocks);
    }
}
