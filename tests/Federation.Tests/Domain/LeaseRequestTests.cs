using Federation.Domain.Addressing;
using Federation.Domain.Leases;

namespace Federation.Tests.Domain;

public sealed class LeaseRequestTests
{
    [Fact]
    public void A_granted_request_is_an_offer_with_everything_that_was_decided()
    {
        var scene = new LeaseScene();

        var lease = scene.Take(LeaseScene.Wish("request", key: "team-a/block"));

        Assert.Equal(new Lease
        {
            Id = LeaseId.Of("east", "request"),
            Edge = "east",
            Pool = "prod",
            Block = Cidr.Parse("10.0.0.0/24"),
            RequestId = "request",
            StickyKey = "team-a/block",
            Index = 0,
            EdgeIndex = 0,
            Phase = LeasePhase.Offered,
            Epoch = 1,
            GrantedAt = LeaseScene.Start,
            LastRenewedAt = LeaseScene.Start,
            ExpiresAt = LeaseScene.Start.AddHours(168),
        }, lease);
    }

    [Fact]
    public void The_same_request_is_the_same_lease_even_when_nothing_more_would_be_granted()
    {
        var scene = new LeaseScene { Pool = LeaseScene.PoolOf("10.0.0.0/24", most: 1) };
        var lease = scene.Take(LeaseScene.Wish("request"));

        var again = scene.Ask(LeaseScene.Wish("request"), new(Cordoned: true, Draining: true, MaxLeases: 0));
        var withoutPool = scene.Ledger.Request(LeaseScene.Wish("request"), pool: null, LeaseScene.Welcome, LeaseScene.Terms, 99, LeaseScene.Start);

        Assert.Equal(lease, Assert.IsType<LeaseDecision.Unchanged>(again).Lease);
        Assert.Equal(lease, Assert.IsType<LeaseDecision.Unchanged>(withoutPool).Lease);
    }

    [Fact]
    public void The_same_request_id_of_another_edge_is_another_lease()
    {
        var scene = new LeaseScene();
        var east = scene.Take(LeaseScene.Wish("request", edge: "east"));

        var west = scene.Take(LeaseScene.Wish("request", edge: "west"));

        Assert.NotEqual(east.Id, west.Id);
        Assert.False(east.Block.Overlaps(west.Block));
    }

    [Fact]
    public void A_question_changes_nothing_however_often_it_is_asked()
    {
        var scene = new LeaseScene();

        var decisions = Enumerable.Range(0, 3).Select(_ => scene.Ask(LeaseScene.Wish("request"))).ToList();

        Assert.Single(decisions.Distinct());
        Assert.Empty(scene.Ledger.All);
        Assert.Equal(0, scene.Ledger.Held("east"));
    }

    [Theory]
    [InlineData(19, null, "PrefixLengthOutOfBounds: prefix length /19 is outside the range /20 to /28 of pool prod")]
    [InlineData(29, null, "PrefixLengthOutOfBounds: prefix length /29 is outside the range /20 to /28 of pool prod")]
    [InlineData(-1, null, "PrefixLengthOutOfBounds: prefix length /-1 is outside the range /20 to /28 of pool prod")]
    [InlineData(int.MaxValue, null, "PrefixLengthOutOfBounds: prefix length /2147483647 is outside the range /20 to /28 of pool prod")]
    [InlineData(null, "10.0.0.0/8", "PrefixLengthOutOfBounds: prefix length /8 is outside the range /20 to /28 of pool prod")]
    [InlineData(null, "2001:d00::/24", "AddressFamilyMismatch: claim asks for IPv6, pool prod is IPv4")]
    [InlineData(null, "10.1.0.0/24", "AddressUnavailable: 10.1.0.0/24 is not available in pool prod: outside the pool")]
    [InlineData(null, "10.0.1.0/24", "AddressUnavailable: 10.0.1.0/24 is not available in pool prod: held by team-a/web")]
    [InlineData(null, "10.0.0.0/23", "AddressUnavailable: 10.0.0.0/23 is not available in pool prod: 10.0.1.0/24 is held by team-a/web")]
    [InlineData(null, "10.0.2.0/24", "AddressUnavailable: 10.0.2.0/24 is not available in pool prod: reserved")]
    [InlineData(null, "10.0.3.0/24", "AddressUnavailable: 10.0.3.0/24 is not available in pool prod: released by west-0 and resting")]
    [InlineData(20, null, "PoolExhausted: no available block of size /20 in pool prod")]
    public void What_cannot_be_lent_is_refused_with_its_reason(int? length, string? block, string refusal)
    {
        var scene = new LeaseScene();
        Hold(scene, "10.0.1.0/24", HoldKind.Allocation, "team-a/web");
        Hold(scene, "10.0.2.0/24", HoldKind.Reservation, "reservation");
        Hold(scene, "10.0.3.0/24", HoldKind.Cooling, "west-0");
        if (length == 20) while (scene.Pool.Space.TryFind(20, PlacementStrategy.FirstFit, out var free)) Hold(scene, free.ToString(), HoldKind.Lease, "others");

        var decision = scene.Ask(LeaseScene.Wish("request", length: length, block: block));

        Assert.Equal(refusal, Describe(decision));
    }

    [Fact]
    public void A_family_asked_for_must_be_the_pools()
    {
        var scene = new LeaseScene();

        var decision = scene.Ask(LeaseScene.Wish("request") with { Family = IPFamily.IPv6 });

        Assert.Equal("AddressFamilyMismatch: claim asks for IPv6, pool prod is IPv4", Describe(decision));
        Assert.IsType<LeaseDecision.Changed>(scene.Ask(LeaseScene.Wish("request") with { Family = IPFamily.IPv4 }));
    }

    [Theory]
    [InlineData(true, false, null, null, true, "EdgeCordoned: edge east is cordoned: no new leases")]
    [InlineData(false, true, null, null, true, "EdgeCordoned: edge east is draining: no new leases")]
    [InlineData(true, true, null, null, true, "EdgeCordoned: edge east is draining: no new leases")]
    [InlineData(false, false, null, null, false, "LeasingDisabled: pool prod is not leased to edges")]
    [InlineData(false, false, 2, null, true, "QuotaExceeded: edge east holds 2 leases, its limit is 2")]
    [InlineData(false, false, null, 2, true, "QuotaExceeded: edge east holds 2 leases of pool prod, its limit is 2")]
    [InlineData(false, false, 3, 3, true, "granted")]
    public void An_edge_gets_no_more_than_it_may_have(bool cordoned, bool draining, int? ofEdge, int? ofPool, bool enabled, string answer)
    {
        var scene = new LeaseScene();
        scene.Confirm(scene.Take(LeaseScene.Wish("one")));
        scene.Take(LeaseScene.Wish("two"));
        scene.Take(LeaseScene.Wish("three", edge: "west"));
        scene.Pool = scene.Pool with { Enabled = enabled, MaxLeasesPerEdge = ofPool };

        var decision = scene.Ask(LeaseScene.Wish("four"), new(cordoned, draining, ofEdge));

        Assert.Equal(answer, Describe(decision));
    }

    [Theory]
    [InlineData(LeasePhase.Offered, 1)]
    [InlineData(LeasePhase.Active, 1)]
    [InlineData(LeasePhase.Draining, 1)]
    [InlineData(LeasePhase.Revoked, 1)]
    [InlineData(LeasePhase.Released, 0)]
    [InlineData(LeasePhase.Failed, 0)]
    public void What_was_given_back_does_not_count(LeasePhase phase, int held)
    {
        var scene = new LeaseScene();
        var lease = scene.TakeIn(phase);

        Assert.Equal(held, scene.Ledger.Held("east"));
        Assert.Equal(held, scene.Ledger.Held("east", "prod"));
        scene.Forget(lease);
        Assert.Equal(0, scene.Ledger.Held("east"));
    }

    [Fact]
    public void A_pool_nobody_knows_is_not_found()
    {
        var decision = new LeaseLedger().Request(LeaseScene.Wish("request"), pool: null, LeaseScene.Welcome, LeaseScene.Terms, 1, LeaseScene.Start);

        Assert.Equal("PoolNotFound: pool prod not found", Describe(decision));
    }

    [Fact]
    public void A_claim_gets_the_block_it_had_while_that_is_free()
    {
        var scene = new LeaseScene();
        scene.Take(LeaseScene.Wish("first"));
        var had = scene.Confirm(scene.Take(LeaseScene.Wish("second", key: "team-a/block")));
        scene.Forget(scene.Release(had));
        scene.Forget(scene.Ledger.Find(LeaseId.Of("east", "first"))!);

        Assert.Equal(had.Block, BlockOf(scene.Ask(LeaseScene.Wish("third", key: "team-a/block"))));
        Assert.Equal("10.0.0.0/24", BlockOf(scene.Ask(LeaseScene.Wish("third", key: "team-b/block")))?.ToString());
        Assert.Equal("10.0.0.0/24", BlockOf(scene.Ask(LeaseScene.Wish("third", edge: "west", key: "team-a/block")))?.ToString());
        Assert.Equal("10.0.0.0/25", BlockOf(scene.Ask(LeaseScene.Wish("third", length: 25, key: "team-a/block")))?.ToString());
        Hold(scene, had.Block.ToString(), HoldKind.Allocation, "team-c/web");
        Assert.Equal("10.0.0.0/24", BlockOf(scene.Ask(LeaseScene.Wish("third", key: "team-a/block")))?.ToString());
    }

    [Fact]
    public void A_block_that_was_only_offered_is_not_remembered()
    {
        var scene = new LeaseScene();
        var first = scene.Take(LeaseScene.Wish("first"));
        var offered = scene.Take(LeaseScene.Wish("second", key: "team-a/block"));

        scene.Forget(offered);
        scene.Forget(first);

        Assert.Equal("10.0.0.0/24", BlockOf(scene.Ask(LeaseScene.Wish("third", key: "team-a/block")))?.ToString());
    }

    [Fact]
    public void The_index_is_the_smallest_free_in_the_pool_and_stays_with_its_lease()
    {
        var scene = new LeaseScene();
        var leases = Enumerable.Range(0, 4).Select(number => scene.Take(LeaseScene.Wish($"request-{number}"))).ToList();
        scene.Forget(leases[1]);

        var next = scene.Take(LeaseScene.Wish("request-4"));
        var last = scene.Take(LeaseScene.Wish("request-5"));

        Assert.Equal([0, 1, 2, 3], leases.Select(static lease => lease.Index));
        Assert.Equal(1, next.Index);
        Assert.Equal(4, last.Index);
    }

    [Fact]
    public void Leases_are_listed_by_id_in_whatever_order_they_came()
    {
        var scene = new LeaseScene();
        for (var number = 0; number < 50; number++) scene.Take(LeaseScene.Wish($"request-{number}", edge: $"edge-{number % 7}"));

        var ids = scene.Ledger.All.Select(static lease => lease.Id).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(50, ids.Distinct().Count());
    }

    [Fact]
    public void Requests_whose_names_collide_get_two_leases()
    {
        var scene = new LeaseScene();
        var taken = scene.Take(LeaseScene.Wish("other")) with { Id = LeaseId.Of("east", "request") };
        scene.Ledger.Apply(scene.Ledger.Find(LeaseId.Of("east", "other")), taken);

        var lease = scene.Take(LeaseScene.Wish("request"));

        Assert.Equal(LeaseId.Of("east", "request", attempt: 1), lease.Id);
        Assert.Equal(lease, Assert.IsType<LeaseDecision.Unchanged>(scene.Ask(LeaseScene.Wish("request"))).Lease);
        Assert.Equal(taken, Assert.IsType<LeaseDecision.Unchanged>(scene.Ask(LeaseScene.Wish("other"))).Lease);
    }

    static void Hold(LeaseScene scene, string block, HoldKind kind, string owner) => Assert.True(scene.Pool.Space.TryHold(Cidr.Parse(block), new(kind, owner)));

    static Cidr? BlockOf(LeaseDecision decision) => (decision as LeaseDecision.Changed)?.After.Block;

    static string Describe(LeaseDecision decision) => decision is LeaseDecision.Refused(var refusal, var message) ? $"{refusal}: {message}" : "granted";
}
