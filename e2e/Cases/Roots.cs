using Federation.Resources;

namespace Federation.E2E;

static class Roots
{
    public static async Task OverlapAsync(CaseWorld world)
    {
        await world.PoolAsync("root-first", "10.81.0.0/16");

        foreach (var cidr in new[] { "10.81.0.0/16", "10.81.4.0/24", "10.80.0.0/15" })
        {
            world.At(cidr);
            var refusal = await Expect.RefusedAsync(world.Hub.CreateAsync(CaseWorld.Root("root-second", cidr), cancel: world.Cancel), "an overlapping root pool", 409);
            if (cidr != "10.80.0.0/15") Expect.Mentions("root-first", refusal);
        }

        Expect.That(await world.Hub.GetAsync<IPPool>(null, "root-second", world.Cancel) is null, "the refused pool exists");
    }

    public static async Task InUseAsync(CaseWorld world)
    {
        await world.PoolAsync("in-use", "10.82.0.0/24", min: 26, max: 28);
        await world.Site.ClaimedAsync("user-1", "in-use", 26);
        await world.Site.ClaimedAsync("user-2", "in-use", 26);

        var refusal = await Expect.RefusedAsync(world.Hub.DeleteAsync<IPPool>(null, "in-use", cancel: world.Cancel), "deleting a pool in use", 409);
        var holders = await HoldersAsync(world);
        Expect.Mentions($"in use by {holders.Count} ", refusal);
        foreach (var holder in holders) Expect.Mentions(holder, refusal);

        world.At("the pool is whole");
        Expect.That(!(await world.PoolIsAsync("in-use", PoolPhase.Ready)).Metadata.IsDeleting(), "the refused deletion has begun");
        await world.Site.ClaimedAsync("user-3", "in-use", 26);
    }

    /// <summary>Who holds blocks of the pool, as the hub sees it: claims of its own, and leases of edges.</summary>
    static async Task<List<string>> HoldersAsync(CaseWorld world)
    {
        var allocations = (await world.Hub.ListAsync<IPAllocation>(new(), world.Cancel)).Items.Where(static allocation => allocation.Spec.PoolRef!.Name == "in-use");
        var leases = (await world.Hub.ListAsync<IPLease>(new(), world.Cancel)).Items.Where(static lease => lease.Spec.PoolRef!.Name == "in-use");
        return [.. allocations.Select(static allocation => $"{allocation.Spec.ClaimRef!.Namespace}/{allocation.Spec.ClaimRef.Name}"), .. leases.Select(static lease => lease.Name)];
    }
}
