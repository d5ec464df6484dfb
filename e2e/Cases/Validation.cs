using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

static class Validation
{
    public static async Task RefusedAndImmutableAsync(CaseWorld world)
    {
        var site = world.Site;
        world.At("VA-1");
        var pool = await world.PoolAsync("test-valid-pool", "10.74.0.0/20", 24, 28, pool => pool with { Spec = pool.Spec with { IpFamily = IPFamily.IPv4 } });
        Expect.Equal(Cidr.Parse("10.74.0.0/20"), pool.Status!.AllocatedCIDR);

        world.At("VA-2");
        await Expect.RefusedAsync(world.Hub.CreateAsync(CaseWorld.Root("no-cidr", cidr: null), cancel: world.Cancel), "a root pool without cidr", 422);

        world.At("VA-3");
        foreach (var cidr in new[] { "not-a-cidr", "10.74.300.0/24", "10.74.16.0/33", "10.74.16.1/24", "10.74.016.0/24" })
        {
            Expect.Mentions("cidr", await Expect.RefusedAsync(world.Hub.CreateAsync(new DraftPool(cidr), cancel: world.Cancel), $"a pool of {cidr}", 400, 422));
        }

        world.At("VA-4");
        await site.ClaimAsync("far-too-large", "test-valid-pool", 16);
        await site.FailsAsync("far-too-large", Reasons.PrefixLengthOutOfBounds);

        world.At("VA-5");
        Expect.Mentions("prefixLength", await Expect.RefusedAsync(site.ClaimAsync("of-nothing", "test-valid-pool", 0), "a claim of prefix length 0", 400, 422));

        world.At("VA-6");
        await Expect.RefusedAsync(PatchAsync(world, """{"spec":{"cidr":"10.75.0.0/20"}}"""), "a change of cidr", 422);

        world.At("VA-7");
        await Expect.RefusedAsync(PatchAsync(world, """{"spec":{"ipFamily":"IPv6"}}"""), "a change of ipFamily", 422);
        var after = await world.PoolIsAsync("test-valid-pool", PoolPhase.Ready);
        Expect.Equal(Cidr.Parse("10.74.0.0/20"), after.Spec.Cidr);
        Expect.Equal(IPFamily.IPv4, after.Spec.IpFamily);

        world.At("VA-8");
        var patched = await PatchAsync(world, """{"spec":{"allocation":{"strategy":"BestFit"}}}""");
        Expect.Equal(PlacementStrategy.BestFit, patched.Spec.Allocation?.Strategy);
    }

    public static async Task ClaimsAreImmutableAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("fixed-wishes", "10.75.0.0/20", min: 24, max: 28);
        var block = await site.ClaimedAsync("fixed", "fixed-wishes", 24);

        foreach (var patch in new[] { """{"spec":{"prefixLength":25}}""", """{"spec":{"cidr":"10.75.9.0/24"}}""", """{"spec":{"poolRef":{"name":"other"}}}""" })
        {
            world.At(patch);
            var change = site.Api.MergePatchAsync<IPClaim>(site.Namespace, "fixed", JsonNode.Parse(patch)!, cancel: world.Cancel);
            await Expect.RefusedAsync(change, "a change of a claim's wish", 422);
        }

        var after = await site.BoundAsync("fixed");
        Expect.Equal(24, after.Spec.PrefixLength);
        Expect.Equal(block, after.Status!.AllocatedCIDR);
    }

    static Task<IPPool> PatchAsync(CaseWorld world, string patch) =>
        world.Hub.MergePatchAsync<IPPool>(null, "test-valid-pool", JsonNode.Parse(patch)!, cancel: world.Cancel);
}

/// <summary>A pool whose CIDR is any text.</summary>
[Kind("ippools", KindScope.Cluster, KindName = "IPPool")]
sealed record DraftPool : Resource<DraftPoolSpec, IPPoolStatus>
{
    public DraftPool(string cidr)
    {
        Metadata = new() { Name = "malformed" };
        Spec = new() { Cidr = cidr };
    }
}

sealed record DraftPoolSpec
{
    public string? Cidr { get; init; }
}
