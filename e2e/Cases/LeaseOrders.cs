using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>What an admin orders at the hub, and what becomes of it at an edge.</summary>
static class LeaseOrders
{
    public const string East = "east";

    public static async Task CordonAsync(CaseWorld world)
    {
        await world.PoolAsync("cordon", "10.90.0.0/24", 28, 32, pool => pool.LeasedBy(28));
        await world.Site.ClaimedAsync("before", "cordon", 30);

        world.At("cordoned");
        await world.OrderAsync<Edge>(East, new JsonObject { ["cordoned"] = true });
        await world.Site.PoolClaimAsync("wanted", "cordon", 28);
        await world.Site.PoolClaimFailsAsync("wanted", Reasons.QuotaExceeded);
        await world.Site.ClaimedAsync("inside", "cordon", 30);

        world.At("welcome again");
        await world.OrderAsync<Edge>(East, new JsonObject { ["cordoned"] = false });
        await world.Site.PoolBoundAsync("wanted");
    }

    public static async Task QuotaAsync(CaseWorld world)
    {
        await world.PoolAsync("limited", "10.91.0.0/24", 28, 32, pool => pool with
        {
            Spec = pool.Spec with { Allocation = pool.Spec.Allocation! with { ReuseDelaySeconds = 0 }, Leasing = new() { MaxLeasesPerEdge = 1 } },
        });
        await world.Site.PoolClaimAsync("first", "limited", 28);
        await world.Site.PoolBoundAsync("first");

        await world.Site.PoolClaimAsync("second", "limited", 28);
        await world.Site.PoolClaimFailsAsync("second", Reasons.QuotaExceeded);
        await world.OtherSite.PoolClaimAsync("other", "limited", 28);
        await world.OtherSite.PoolBoundAsync("other");

        world.At("the first is given back");
        await world.Site.Api.DeleteAsync<IPPoolClaim>(world.Site.Namespace, "first", cancel: world.Cancel);
        await world.Site.PoolBoundAsync("second");
    }

    public static async Task SelectorAsync(CaseWorld world)
    {
        await world.PoolAsync("northern", "10.92.0.0/24", 28, 32, pool => pool with
        {
            Spec = pool.Spec with { Leasing = new() { EdgeSelector = new() { MatchLabels = ImmutableSortedDictionary<string, string>.Empty.Add("region", "north") } } },
        });
        await world.Site.ClaimAsync("early", "northern", 30);
        await world.Site.FailsAsync("early", Reasons.PoolNotFound);

        world.At("the edge is in the north");
        await world.Hub.MergePatchAsync<Edge>(null, East, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["region"] = "north" } } }, cancel: world.Cancel);
        await world.Site.BoundAsync("early");
    }

    /// <summary>Fourteen of sixteen addresses taken: more is needed before anybody asks.</summary>
    public static async Task GrowAsync(CaseWorld world)
    {
        await world.PoolAsync("growing", "10.100.0.0/20", 24, 32, pool => pool.LeasedBy(28));
        List<Domain.Addressing.Cidr> blocks = [];
        for (var i = 0; i < 14; i++) blocks.Add(await world.Site.ClaimedAsync($"grow-{i}", "growing", 32));

        world.At("doubled");
        var child = await world.Site.ChildOfAsync("growing");
        await world.Site.PoolHasAsync(child.Name, Domain.Addressing.Cidr.Parse("10.100.0.0/27"));
        await world.LeasesAreAsync("growing", static leases => leases.Count(static lease => lease.Status?.Phase is LeasePhase.Active) == 2, "two that are active");

        world.At("after a crash");
        world.Topology.KillEdge();
        await world.Topology.RestartEdgeAsync(world.Cancel);
        for (var i = 14; i < 28; i++) blocks.Add(await world.Site.ClaimedAsync($"grow-{i}", "growing", 32));
        Expect.Disjoint(blocks);
        Expect.That(blocks.Any(static block => Domain.Addressing.Cidr.Parse("10.100.0.16/28").Contains(block)), "nothing comes out of the half it grew by");
        var claim = (await world.Site.Api.ListAsync<IPPoolClaim>(new(), world.Cancel)).Items.Single(static claim => claim.Spec.ParentPoolRef?.Name == "growing");
        Expect.Equal(ClaimPhase.Bound, claim.Status?.Phase);
    }

    public static async Task DrainAsync(CaseWorld world)
    {
        await world.PoolAsync("drained", "10.93.0.0/24", 28, 32, pool => pool.LeasedBy(28));
        var block = await world.Site.ClaimedAsync("stays", "drained", 30);

        world.At("draining");
        await world.OrderAsync<Edge>(East, new JsonObject { ["draining"] = true });
        await world.LeaseIsAsync("drained", static lease => lease.Status?.Phase is LeasePhase.Draining, "Draining");
        var child = await world.Site.ChildOfAsync("drained");
        await world.Site.PoolSaysAsync(child.Name, Reasons.Draining);
        await world.Site.ClaimAsync("late", "drained", 30);
        await world.Site.FailsAsync("late", Reasons.QuotaExceeded);
        Expect.Equal(block, await world.Site.BlockAsync("stays"));

        world.At("the last allocation goes");
        await world.Site.DeleteClaimAsync("stays");
        await world.LeasesAreAsync("drained", leases => leases.All(static lease => lease.Status?.Phase is LeasePhase.Released), "all given back");

        world.At("welcome again");
        await world.OrderAsync<Edge>(East, new JsonObject { ["draining"] = false });
        await world.Site.BoundAsync("late");
    }

    public static async Task RevokeAsync(CaseWorld world)
    {
        await world.PoolAsync("revoked", "10.94.0.0/24", 28, 32, pool => pool.LeasedBy(28));
        var kept = await world.Site.ClaimedAsync("kept", "revoked", 30);

        world.At("revoked");
        var lease = await world.LeaseIsAsync("revoked", static lease => lease.Status?.Phase is LeasePhase.Active, "Active");
        await world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["revoked"] = true });
        await world.LeaseIsAsync("revoked", static lease => lease.Status is { Phase: LeasePhase.Revoked, Acknowledged: true }, "known at the edge as revoked");
        var next = await world.Site.ClaimedAsync("next", "revoked", 30);
        Expect.That(!lease.Spec.Cidr!.Value.Contains(next), $"{next} comes out of the revoked {lease.Spec.Cidr}");
        Expect.Equal(kept, await world.Site.BlockAsync("kept"));

        world.At("confirmed");
        var epoch = (await world.LeaseIsAsync("revoked", static lease => lease.Status?.Phase is LeasePhase.Revoked, "Revoked")).Status!.Epoch!.Value;
        await Expect.RefusedAsync(world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["confirmedEpoch"] = epoch + 1 }), "an epoch that never was", 422);
        await Expect.RefusedAsync(world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["revoked"] = false }), "taking a revocation back", 422);
        await Expect.RefusedAsync(world.Hub.DeleteAsync<IPLease>(null, lease.Name, cancel: world.Cancel), "deleting a revoked lease", 403);
        await world.OrderAsync<IPLease>(lease.Name, new JsonObject { ["confirmedEpoch"] = epoch });
        await world.LeasesAreAsync("revoked", leases => leases.All(other => other.Name != lease.Name || other.Status?.Phase is LeasePhase.Released), "released");
    }
}
