using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>A hub that is lost, and comes back from a backup older than most of what it lent.</summary>
static class LeaseRestore
{
    const int Leases = 12;

    public static async Task RestoreAsync(CaseWorld world)
    {
        await world.PoolAsync("restored", "10.101.0.0/20", 28, 32, pool => pool.LeasedBy(28));
        List<Cidr> blocks = [await world.Site.ClaimedAsync("before", "restored", 30)];
        await world.Topology.BackUpHubAsync(world.Cancel);
        for (var i = 0; i < Leases; i++) await world.Site.PoolClaimAsync($"since-{i}", "restored", 28);
        await world.OtherSite.PoolClaimAsync("other-since", "restored", 28);
        for (var i = 0; i < Leases; i++) blocks.Add((await world.Site.PoolBoundAsync($"since-{i}")).Status!.AllocatedCIDR!.Value);
        blocks.Add((await world.OtherSite.PoolBoundAsync("other-since")).Status!.AllocatedCIDR!.Value);
        var lent = (await world.LeasesAsync("restored")).Where(static lease => lease.Status?.Phase is LeasePhase.Active).Select(Describe).ToList();

        world.At("restored");
        world.Topology.KillHub();
        await world.Topology.RestoreHubAsync(world.Cancel);
        await world.Topology.RestartHubAsync(world.Cancel);
        await world.Site.PoolClaimAsync("after", "restored", 28);
        await world.LeasesAreAsync("restored", leases => lent.TrueForAll(leases.Select(Describe).Contains), $"the {lent.Count} there were");

        world.At("an admin is asked");
        await world.FederationSaysAsync(ConditionStatus.False, static recovery => recovery is { WaitingEdges: 0 });
        Expect.That((await world.Site.Api.GetAsync<IPPoolClaim>(world.Site.Namespace, "after", world.Cancel))?.Status?.Phase is not ClaimPhase.Bound, "a block was lent before an admin said that nobody is missing");
        var epoch = (await world.Hub.GetAsync<FederationObject>(null, FederationObject.SingletonName, world.Cancel))!.Status!.Recovery!.StoreEpoch;
        await Expect.RefusedAsync(world.OrderAsync<FederationObject>(FederationObject.SingletonName, new JsonObject { ["acceptedStoreEpoch"] = "another" }), "the word about another restore", 422);
        await world.OrderAsync<FederationObject>(FederationObject.SingletonName, new JsonObject { ["acceptedStoreEpoch"] = epoch });

        world.At("open again");
        await world.FederationSaysAsync(ConditionStatus.True, static recovery => recovery is null);
        blocks.Add((await world.Site.PoolBoundAsync("after")).Status!.AllocatedCIDR!.Value);
        Expect.Disjoint(blocks.Skip(1));
        blocks.Add(await world.Site.ClaimedAsync("still", "restored", 30));
        Expect.Disjoint((await world.Site.AllocationsAsync()).Select(static allocation => allocation.Spec.Cidr!.Value));
    }

    static string Describe(IPLease lease) => $"{lease.Name} {lease.Spec.EdgeName} {lease.Spec.Cidr} {lease.Status?.Epoch}";
}
