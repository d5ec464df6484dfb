using Federation.Domain.Addressing;
using Federation.Domain.Claims;

namespace Federation.Tests.Domain;

/// <summary>Which of several matching pools a claim gets, and what it is told when none will do.</summary>
public sealed class ClaimChoiceTests
{
    [Fact]
    public void The_first_by_name_that_can_gives_the_block()
    {
        PoolOffer[] pools = [ClaimScene.Pool("10.3.0.0/16", "c"), ClaimScene.Pool("10.1.0.0/24", "a").Without("10.1.0.0/24"), ClaimScene.Pool("10.2.0.0/16", "b")];

        Assert.Equal("True AllocationSucceeded: CIDR 10.2.0.0/24 allocated from b", ClaimScene.Answer(ClaimScene.BySelector(pools, 24)));
        Assert.Equal("True AllocationSucceeded: CIDR 10.2.0.0/24 allocated from b", ClaimScene.Answer(ClaimScene.BySelector([.. pools.Reverse()], 24)));
    }

    [Fact]
    public void The_emptiest_gives_the_block_when_a_pool_asks_for_that()
    {
        PoolOffer[] pools =
        [
            ClaimScene.Pool("10.1.0.0/22", "a", strategy: PlacementStrategy.LeastUtilized).Without("10.1.0.0/23"),
            ClaimScene.Pool("10.2.0.0/22", "b", strategy: PlacementStrategy.LeastUtilized).Without("10.2.0.0/24"),
            ClaimScene.Pool("10.3.0.0/16", "c", strategy: PlacementStrategy.LeastUtilized).Without("10.3.0.0/17"),
        ];

        Assert.Equal("True AllocationSucceeded: CIDR 10.2.1.0/24 allocated from b", ClaimScene.Answer(ClaimScene.BySelector(pools, 24)));
    }

    [Fact]
    public void Pools_equally_empty_are_taken_by_name()
    {
        PoolOffer[] pools = [ClaimScene.Pool("10.2.0.0/22", "b"), ClaimScene.Pool("10.1.0.0/22", "a", strategy: PlacementStrategy.LeastUtilized)];

        Assert.Equal("True AllocationSucceeded: CIDR 10.1.0.0/24 allocated from a", ClaimScene.Answer(ClaimScene.BySelector(pools, 24)));
    }

    [Fact]
    public void A_pool_of_another_family_or_size_is_passed_over()
    {
        PoolOffer[] pools = [ClaimScene.Pool("10.1.0.0/16", "a"), ClaimScene.Pool("2001:db8::/32", "b", min: 64), ClaimScene.Pool("2001:db9::/32", "c", min: 40)];

        Assert.Equal("True AllocationSucceeded: CIDR 2001:db9::/48 allocated from c", ClaimScene.Answer(ClaimScene.BySelector(pools, 48, family: IPFamily.IPv6)));
    }

    [Theory]
    [InlineData("family size full waits", "Unknown WaitingForLease: waiting for a lease of pool waits")]
    [InlineData("family size full", "False PoolExhausted: no available block of size /24 in pool full")]
    [InlineData("family size", "False PrefixLengthOutOfBounds: prefix length /24 is outside the range /16 to /20 of pool size")]
    [InlineData("family", "False AddressFamilyMismatch: claim asks for IPv4, pool family is IPv6")]
    [InlineData("full full-too", "False PoolExhausted: no available block of size /24 in pool full")]
    [InlineData("full unborn", "Unknown Pending: pool unborn has no block yet")]
    public void When_none_will_do_the_answer_is_the_nearest_to_a_block(string names, string condition)
    {
        PoolOffer[] pools = [.. names.Split(' ').Select(PoolOf)];

        Assert.Equal(condition, ClaimScene.Answer(ClaimScene.BySelector(pools, 24, family: IPFamily.IPv4)));
        Assert.Equal(condition, ClaimScene.Answer(ClaimScene.BySelector([.. pools.Reverse()], 24, family: IPFamily.IPv4)));
    }

    [Fact]
    public void A_particular_block_is_taken_from_the_pool_that_has_it()
    {
        PoolOffer[] pools = [ClaimScene.Pool("10.1.0.0/16", "a"), ClaimScene.Pool("10.2.0.0/16", "b").Without("10.2.0.0/24")];

        Assert.Equal("True AllocationSucceeded: CIDR 10.2.1.0/24 allocated from b", ClaimScene.Answer(ClaimScene.BySelector(pools, block: "10.2.1.0/24")));
    }

    [Fact]
    public void A_particular_block_that_is_held_is_told_by_the_pool_that_has_it()
    {
        PoolOffer[] pools = [ClaimScene.Pool("10.1.0.0/16", "a"), ClaimScene.Pool("10.2.0.0/16", "b").Without("10.2.0.0/24")];

        Assert.Equal("False AddressUnavailable: 10.2.0.0/24 is not available in pool b: held by team-a/web", ClaimScene.Answer(ClaimScene.BySelector(pools, block: "10.2.0.0/24")));
    }

    static PoolOffer PoolOf(string name) => name switch
    {
        "family" => ClaimScene.Pool("2001:db8::/32", name),
        "size" => ClaimScene.Pool("10.1.0.0/16", name, max: 20),
        "full" or "full-too" => ClaimScene.Pool("10.2.0.0/24", name).Without("10.2.0.0/24"),
        "waits" => ClaimScene.Pool("10.3.0.0/24", name).Without("10.3.0.0/24").With(new Supply.Askable()),
        "unborn" => ClaimScene.Pool("10.4.0.0/24", name) with { Root = null, Rules = null, Blocks = [] },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
