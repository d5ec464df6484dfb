using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

static class ChildPools
{
    public static async Task HierarchyAsync(CaseWorld world)
    {
        var site = world.Site;
        world.At("HI-1");
        await world.PoolAsync("hier-env", "10.128.0.0/9", min: 12, max: 16);

        world.At("HI-2");
        await site.PoolClaimAsync("hier-region-1", "hier-env", 12);
        var first = await site.PoolBoundAsync("hier-region-1");
        Expect.Inside(Cidr.Parse("10.128.0.0/9"), first.Block()!.Value);
        Expect.Equal(12, first.Block()!.Value.Length);

        world.At("HI-3");
        await site.PoolClaimAsync("hier-region-2", "hier-env", 12);
        var second = await site.PoolBoundAsync("hier-region-2");
        Expect.Inside(Cidr.Parse("10.128.0.0/9"), second.Block()!.Value);
        Expect.Disjoint([first.Block()!.Value, second.Block()!.Value]);

        world.At("HI-4");
        Expect.Inside(first.Block()!.Value, await site.ClaimedAsync("hier-leaf-claim", first.Name, 24));

        world.At("HI-5");
        await Expect.RefusedAsync(site.Api.DeleteAsync<IPPool>(null, first.Name, cancel: world.Cancel), "deleting a child pool in use", 409);
        Expect.That(!(await site.PoolAsync(first.Name)).Metadata.IsDeleting(), "the refused deletion has begun");
    }

    /// <summary>Made at the hub in both topologies: an edge's child pools come from pool claims alone.</summary>
    public static async Task BySizeAsync(CaseWorld world)
    {
        await world.PoolAsync("size-root", "10.66.0.0/16", min: 20, max: 28);

        world.At("two of them");
        await world.Hub.CreateAsync(Child("size-1", 20), cancel: world.Cancel);
        await world.Hub.CreateAsync(Child("size-2", 20), cancel: world.Cancel);
        var first = (await world.PoolIsAsync("size-1", PoolPhase.Ready)).Block()!.Value;
        var second = (await world.PoolIsAsync("size-2", PoolPhase.Ready)).Block()!.Value;
        Expect.Inside(Cidr.Parse("10.66.0.0/16"), first);
        Expect.Inside(Cidr.Parse("10.66.0.0/16"), second);
        Expect.Disjoint([first, second]);

        world.At("of a child pool");
        var nested = Child("size-nested", 24);
        nested = nested with { Spec = nested.Spec with { ParentPoolRef = new() { Name = "size-1" } } };
        await Expect.RefusedAsync(world.Hub.CreateAsync(nested, cancel: world.Cancel), "a child of a child pool", 422);

        world.At("beyond the bounds");
        await world.Hub.CreateAsync(Child("size-3", 18), cancel: world.Cancel);
        var beyond = await world.PoolIsAsync("size-3", PoolPhase.Error);
        Expect.Equal(Reasons.PrefixLengthOutOfBounds, beyond.Status!.Conditions!.Find(ConditionTypes.Allocated)?.Reason);
    }

    public static async Task ClaimedAndReleasedAsync(CaseWorld world)
    {
        var site = world.Site;
        await world.PoolAsync("share", "10.67.0.0/20", 21, 28, ReusableAtOnce);
        await site.PoolClaimAsync("half-1", "share", 21);
        await site.PoolClaimAsync("half-2", "share", 21);
        var first = await site.PoolBoundAsync("half-1");
        var second = await site.PoolBoundAsync("half-2");
        Expect.Disjoint([first.Block()!.Value, second.Block()!.Value]);

        world.At("exhausted");
        await site.PoolClaimAsync("half-3", "share", 21);
        await site.PoolClaimFailsAsync("half-3", Reasons.PoolExhausted);

        world.At("released");
        await site.Api.DeleteAsync<IPPoolClaim>(site.Namespace, "half-1", cancel: world.Cancel);
        await site.GoneAsync<IPPoolClaim>(site.Namespace, "half-1");
        await site.GoneAsync<IPPool>(null, first.Name);
        Expect.Equal(first.Block(), (await site.PoolBoundAsync("half-3")).Block());
    }

    /// <summary>Leased blocks rest for a minute unless their pool says otherwise.</summary>
    static IPPool ReusableAtOnce(IPPool pool) => pool with { Spec = pool.Spec with { Allocation = pool.Spec.Allocation! with { ReuseDelaySeconds = 0 } } };

    static IPPool Child(string name, int length) => new()
    {
        Metadata = new() { Name = name },
        Spec = new() { ParentPoolRef = new() { Name = "size-root" }, PrefixLength = length },
    };
}
