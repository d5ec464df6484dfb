using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

static class TwoSites
{
    const int EachWants = 12;

    /// <summary>Sixteen addresses, leased by fours; both sites want twelve.</summary>
    public static async Task ExhaustOneRootAsync(CaseWorld world)
    {
        world.NamesAreOpen = true;
        await world.PoolAsync("contested", "10.83.0.0/28", 30, 32, pool => pool.LeasedBy(30));
        Site[] sites = [world.Site, world.OtherSite];

        await Task.WhenAll(sites.Select(WantAsync));
        var claims = (await Task.WhenAll(sites.Select(SettledAsync))).SelectMany(static claims => claims).ToList();

        var blocks = claims.Where(ClaimReport.IsBound).Select(static claim => claim.Status!.AllocatedCIDR!.Value).ToList();
        Expect.Equal(16, blocks.Count);
        Expect.Disjoint(blocks);
        foreach (var block in blocks) Expect.Inside(Cidr.Parse("10.83.0.0/28"), block);
    }

    static async Task WantAsync(Site site)
    {
        for (var i = 0; i < EachWants; i++) await site.ClaimAsync($"want-{i}", "contested", 32);
    }

    static Task<IReadOnlyList<IPClaim>> SettledAsync(Site site) => site.AllClaimsAsync(
        static claim => claim.IsBound() || claim.Status?.Conditions?.Find(ConditionTypes.Allocated)?.Reason is Reasons.PoolExhausted, "settled");
}
