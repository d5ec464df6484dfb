using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

static class Claims
{
    public static async Task FreedAndReusedAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("alloc-parent", "10.68.0.0/20", 24, 28, pool => pool.LeasedBy(22));

        world.At("IC-1");
        var first = await site.ClaimedAsync("alloc-claim-first", "alloc-parent", 24);
        Expect.Inside(Cidr.Parse("10.68.0.0/20"), first);
        var claim = await site.BoundAsync("alloc-claim-first");
        var allocation = await site.Api.GetAsync<IPAllocation>(null, claim.Status!.BoundAllocationRef!.Name!, world.Cancel);
        Expect.Equal(first, allocation?.Spec.Cidr);
        Expect.Equal(claim.Uid, allocation!.Spec.ClaimRef!.Uid);

        world.At("IC-2");
        Expect.Disjoint([first, await site.ClaimedAsync("alloc-claim-second", "alloc-parent", 24)]);

        world.At("IC-3");
        var lyingIn = allocation.Spec.PoolRef!.Name!;
        var free = await FreeAsync(site, lyingIn, taken: 512);
        await site.DeleteClaimAsync("alloc-claim-first");
        await site.AvailableIsAsync(lyingIn, free + AddressCount.PowerOfTwo(8));

        world.At("IC-4");
        Expect.Equal(first, await site.ClaimedAsync("alloc-claim-reuse", "alloc-parent", 24));
    }

    public static async Task FamilyMismatchAsync(CaseWorld world)
    {
        await world.PoolAsync("only-four", "10.69.0.0/20");
        await world.PoolAsync("only-six", "fd00:69::/48");

        await world.Site.ClaimAsync("six-of-four", "only-four", 28, spec => spec with { IpFamily = IPFamily.IPv6 });
        await world.Site.ClaimAsync("four-of-six", "only-six", 28, spec => spec with { IpFamily = IPFamily.IPv4 });

        await world.Site.FailsAsync("six-of-four", Reasons.AddressFamilyMismatch);
        await world.Site.FailsAsync("four-of-six", Reasons.AddressFamilyMismatch);
    }

    public static async Task BoundsAsync(CaseWorld world)
    {
        await world.PoolAsync("bounded", "10.70.0.0/16", min: 24, max: 28);

        await world.Site.ClaimAsync("too-large", "bounded", 20);
        await world.Site.ClaimAsync("too-small", "bounded", 29);

        await world.Site.FailsAsync("too-large", Reasons.PrefixLengthOutOfBounds);
        await world.Site.FailsAsync("too-small", Reasons.PrefixLengthOutOfBounds);
        Expect.Equal(24, (await world.Site.ClaimedAsync("largest", "bounded", 24)).Length);
        Expect.Equal(28, (await world.Site.ClaimedAsync("smallest", "bounded", 28)).Length);
    }

    public static async Task ParticularBlockAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("particular", "10.71.0.0/20", but: pool => pool.Reserving("10.71.15.0/24"));

        world.At("free");
        await site.ClaimAsync("free", "particular", but: Exactly("10.71.3.0/24"));
        Expect.Equal(Cidr.Parse("10.71.3.0/24"), await site.BlockAsync("free"));

        world.At("held");
        await site.ClaimAsync("held", "particular", but: Exactly("10.71.3.0/24"));
        await site.FailsAsync("held", Reasons.AddressUnavailable);

        world.At("outside");
        await site.ClaimAsync("outside", "particular", but: Exactly("10.72.0.0/24"));
        await site.FailsAsync("outside", Reasons.AddressUnavailable);

        world.At("reserved");
        await site.ClaimAsync("reserved", "particular", but: Exactly("10.71.15.128/25"));
        await site.FailsAsync("reserved", Reasons.AddressUnavailable);

        world.At("freed");
        await site.DeleteClaimAsync("free");
        Expect.Equal(Cidr.Parse("10.71.3.0/24"), await site.BlockAsync("held"));
    }

    public static async Task SameNameAgainAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("renamed", "10.73.0.0/30", min: 30, max: 30);
        await site.ClaimedAsync("again", "renamed", 30);
        var before = await site.BoundAsync("again");

        await site.Api.DeleteAsync<IPClaim>(site.Namespace, "again", cancel: world.Cancel);
        await CreateAsSoonAsGoneAsync(world);

        var after = await site.BoundAsync("again");
        Expect.That(after.Uid != before.Uid, "the new claim has the old one's uid");
        var allocations = await site.AllocationsOfAsync("again");
        Expect.Equal(1, allocations.Count);
        Expect.Equal(after.Uid, allocations[0].Spec.ClaimRef!.Uid);
    }

    /// <summary>Where a finalizer delays the old claim's going, its name is taken for so long.</summary>
    static async Task CreateAsSoonAsGoneAsync(CaseWorld world)
    {
        while (true)
        {
            try
            {
                await world.Site.ClaimAsync("again", "renamed", 30);
                return;
            }
            catch (KubernetesApiException e) when (e.IsAlreadyExists)
            {
                await world.Site.GoneAsync<IPClaim>(world.Site.Namespace, "again");
            }
        }
    }

    /// <summary>What is free in a pool once its status has caught up with what was taken.</summary>
    static async Task<AddressCount> FreeAsync(Site site, string pool, int taken)
    {
        var free = (await site.PoolAsync(pool)).Block()!.Value.Count - AddressCount.Of((UInt128)taken);
        await site.AvailableIsAsync(pool, free);
        return free;
    }

    static Func<IPClaimSpec, IPClaimSpec> Exactly(string cidr) => spec => spec with { Cidr = Cidr.Parse(cidr) };
}
