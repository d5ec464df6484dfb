using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;

namespace Federation.Tests.Domain;

public sealed class ClaimEvaluationTests
{
    public static TheoryData<string, string> Rows() => new()
    {
        { "a block", "True AllocationSucceeded: CIDR 10.0.0.0/24 allocated from prod" },
        { "a full pool", "False PoolExhausted: no available block of size /24 in pool prod" },
        { "no match", "False NoMatchingPool: no pool matches selector env=prod" },
        { "no pool", "False PoolNotFound: pool prod not found" },
        { "too large", "False PrefixLengthOutOfBounds: prefix length /20 is outside the range /24 to /28 of pool prod" },
        { "too small", "False PrefixLengthOutOfBounds: prefix length /29 is outside the range /24 to /28 of pool prod" },
        { "larger than the pool", "False PrefixLengthOutOfBounds: prefix length /16 is outside the range /20 to /32 of pool prod" },
        { "another family", "False AddressFamilyMismatch: claim asks for IPv6, pool prod is IPv4" },
        { "a block of another family", "False AddressFamilyMismatch: claim asks for IPv4, pool prod is IPv6" },
        { "a block that is held", "False AddressUnavailable: 10.0.1.0/24 is not available in pool prod: held by team-a/web" },
        { "a block that is partly held", "False AddressUnavailable: 10.0.0.0/23 is not available in pool prod: 10.0.1.0/24 is held by team-a/web" },
        { "a block inside a held one", "False AddressUnavailable: 10.0.1.0/25 is not available in pool prod: 10.0.1.0/24 is held by team-a/web" },
        { "a block that is reserved", "False AddressUnavailable: 10.0.1.0/24 is not available in pool prod: reserved" },
        { "a block over a reservation", "False AddressUnavailable: 10.0.0.0/23 is not available in pool prod: reserved" },
        { "a block that rests", "False AddressUnavailable: 10.0.1.0/24 is not available in pool prod: released by team-a/web and resting" },
        { "a block outside", "False AddressUnavailable: 10.9.0.0/24 is not available in pool prod: outside the pool" },
        { "a block outside the leased ones", "False AddressUnavailable: 10.0.9.0/24 is not available in pool prod: outside the pool's blocks" },
        { "over quota", "False QuotaExceeded: edge east holds 4 leases of pool prod, its limit is 4" },
        { "a pool without a block", "Unknown Pending: pool prod has no block yet" },
        { "a lease to ask for", "Unknown WaitingForLease: waiting for a lease of pool prod" },
        { "a hub out of reach", "Unknown HubUnreachable: the hub cannot be reached" },
        { "a root that is full", "False PoolExhausted: no available block of size /24 in pool prod" },
        { "a pool that is emptied", "False PoolExhausted: no available block of size /24 in pool prod" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_claim_ends_in_one_condition_with_its_exact_words(string situation, string condition) =>
        Assert.Equal(condition, ClaimScene.Answer(Situation(situation)));

    static ClaimWish Situation(string name) => name switch
    {
        "a block" => ClaimScene.ByName(Sixteen, 24),
        "a full pool" => ClaimScene.ByName(Full, 24),
        "no match" => ClaimScene.BySelector([], 24),
        "no pool" => ClaimScene.ByName(null, 24),
        "too large" => ClaimScene.ByName(ClaimScene.Pool("10.0.0.0/16", min: 24, max: 28), 20),
        "too small" => ClaimScene.ByName(ClaimScene.Pool("10.0.0.0/16", min: 24, max: 28), 29),
        "larger than the pool" => ClaimScene.ByName(ClaimScene.Pool("10.0.0.0/20"), 16),
        "another family" => ClaimScene.ByName(Sixteen, 24, family: IPFamily.IPv6),
        "a block of another family" => ClaimScene.ByName(ClaimScene.Pool("2001:db8::/32"), block: "10.0.0.0/24"),
        "a block that is held" => ClaimScene.ByName(Sixteen.Without("10.0.1.0/24"), block: "10.0.1.0/24"),
        "a block that is partly held" => ClaimScene.ByName(Sixteen.Without("10.0.1.0/24"), block: "10.0.0.0/23"),
        "a block inside a held one" => ClaimScene.ByName(Sixteen.Without("10.0.1.0/24"), block: "10.0.1.0/25"),
        "a block that is reserved" => ClaimScene.ByName(Sixteen.Without("10.0.1.0/24", HoldKind.Reservation), block: "10.0.1.0/24"),
        "a block over a reservation" => ClaimScene.ByName(Sixteen with { Reservations = [Cidr.Parse("10.0.1.0/24")] }, block: "10.0.0.0/23"),
        "a block that rests" => ClaimScene.ByName(Sixteen.Without("10.0.1.0/24", HoldKind.Cooling), block: "10.0.1.0/24"),
        "a block outside" => ClaimScene.ByName(Sixteen, block: "10.9.0.0/24"),
        "a block outside the leased ones" => ClaimScene.ByName(Leased, block: "10.0.9.0/24"),
        "over quota" => ClaimScene.ByName(Full.With(new Supply.Denied(Reasons.QuotaExceeded, "edge east holds 4 leases of pool prod, its limit is 4")), 24),
        "a pool without a block" => ClaimScene.ByName(Sixteen with { Root = null, Rules = null, Blocks = [] }, 24),
        "a lease to ask for" => ClaimScene.ByName(Full.With(new Supply.Askable()), 24),
        "a hub out of reach" => ClaimScene.ByName(Full.With(new Supply.Awaited(Reasons.HubUnreachable, "the hub cannot be reached")), 24),
        "a root that is full" => ClaimScene.ByName(Full.With(new Supply.Denied(Reasons.PoolExhausted, "no available block of size /20 in pool root")), 24),
        "a pool that is emptied" => ClaimScene.ByName(Sixteen with { Blocks = [] }, 24),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Fact]
    public void A_question_takes_nothing()
    {
        var pool = Sixteen;

        var answers = Enumerable.Range(0, 3).Select(_ => ClaimScene.Answer(ClaimScene.ByName(pool, 24))).ToList();

        Assert.Single(answers.Distinct());
        Assert.Equal(0, pool.Blocks[0].Space.Count(HoldKind.Allocation));
    }

    [Theory]
    [InlineData("10.0.0.0/16", null, null, null, "10.0.0.0/32")]
    [InlineData("10.0.0.0/16", 24, 28, null, "10.0.0.0/28")]
    [InlineData("10.0.0.0/16", 24, 28, 26, "10.0.0.0/26")]
    [InlineData("10.0.0.0/16", 24, 28, 30, "10.0.0.0/28")]
    [InlineData("10.0.0.0/16", 24, 28, 8, "10.0.0.0/24")]
    [InlineData("10.0.0.0/16", 8, 64, 4, "10.0.0.0/16")]
    [InlineData("10.0.0.0/31", null, null, null, "10.0.0.0/32")]
    [InlineData("10.0.0.1/32", null, null, null, "10.0.0.1/32")]
    [InlineData("2001:db8::/48", null, 64, null, "2001:db8::/64")]
    [InlineData("::1/128", null, null, null, "::1/128")]
    public void A_claim_without_a_size_gets_the_pools_default(string root, int? min, int? max, int? preset, string block)
    {
        var pool = ClaimScene.Pool(root, min: min, max: max, preset: preset);

        var granted = Assert.IsType<ClaimVerdict.Granted>(ClaimEvaluation.Evaluate(ClaimScene.ByName(pool)));

        Assert.Equal(block, granted.Block.ToString());
        Assert.Same(pool.Blocks[0], granted.From);
    }

    [Fact]
    public void What_a_lease_must_bring_is_said_with_the_claim_that_waits()
    {
        var any = Assert.IsType<ClaimVerdict.Waiting>(ClaimEvaluation.Evaluate(ClaimScene.ByName(Full.With(new Supply.Askable()), 25)));
        var exact = Assert.IsType<ClaimVerdict.Waiting>(ClaimEvaluation.Evaluate(ClaimScene.ByName(Leased.With(new Supply.Askable()), block: "10.0.9.0/24")));
        var underway = Assert.IsType<ClaimVerdict.Waiting>(ClaimEvaluation.Evaluate(ClaimScene.ByName(Full.With(new Supply.Awaited(Reasons.WaitingForLease, "asked")), 24)));

        Assert.Equal(new BlockRequest("prod", 25, null), any.Ask);
        Assert.Equal(new BlockRequest("prod", 24, Cidr.Parse("10.0.9.0/24")), exact.Ask);
        Assert.Null(underway.Ask);
    }

    [Fact]
    public void A_block_that_is_held_is_not_asked_for_beyond()
    {
        var pool = Leased.Without("10.0.0.0/24").With(new Supply.Askable());

        Assert.Equal("False AddressUnavailable: 10.0.0.0/24 is not available in pool prod: held by team-a/web", ClaimScene.Answer(ClaimScene.ByName(pool, block: "10.0.0.0/24")));
    }

    [Fact]
    public void Room_that_is_there_is_used_whatever_the_hub_says()
    {
        var pool = Sixteen.With(new Supply.Awaited(Reasons.HubUnreachable, "the hub cannot be reached"));

        Assert.Equal("True AllocationSucceeded: CIDR 10.0.0.0/24 allocated from prod", ClaimScene.Answer(ClaimScene.ByName(pool, 24)));
    }

    [Theory]
    [InlineData(PlacementStrategy.FirstFit, "10.0.0.0/26")]
    [InlineData(PlacementStrategy.BestFit, "10.0.4.0/26")]
    [InlineData(PlacementStrategy.LeastUtilized, "10.0.8.0/26")]
    public void Among_a_pools_blocks_the_strategy_chooses(PlacementStrategy strategy, string block)
    {
        var pool = ClaimScene.Pool("10.0.0.0/16", strategy: strategy, blocks: ["10.0.8.0/24", "10.0.4.0/24", "10.0.0.0/24"])
            .Without("10.0.0.192/26").Without("10.0.4.128/25").Without("10.0.4.64/26");

        var granted = Assert.IsType<ClaimVerdict.Granted>(ClaimEvaluation.Evaluate(ClaimScene.ByName(pool, 26)));

        Assert.Equal(block, granted.Block.ToString());
        Assert.True(granted.From.Space.Root.Contains(granted.Block));
    }

    [Fact]
    public void A_size_that_fits_no_block_of_a_pool_finds_the_next_that_has_it()
    {
        var pool = ClaimScene.Pool("10.0.0.0/16", blocks: ["10.0.0.0/26", "10.0.1.0/24"]);

        Assert.Equal("True AllocationSucceeded: CIDR 10.0.1.0/25 allocated from prod", ClaimScene.Answer(ClaimScene.ByName(pool, 25)));
    }

    static PoolOffer Sixteen => ClaimScene.Pool("10.0.0.0/16");

    static PoolOffer Full => ClaimScene.Pool("10.0.0.0/24", min: 24, max: 28).Without("10.0.0.0/24");

    /// <summary>A pool of which one block is here.</summary>
    static PoolOffer Leased => ClaimScene.Pool("10.0.0.0/16", blocks: ["10.0.0.0/22"]);
}
