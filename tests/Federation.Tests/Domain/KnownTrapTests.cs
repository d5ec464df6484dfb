using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;

namespace Federation.Tests.Domain;

/// <summary>What address managers of other projects got wrong: each a case that must never come back here.</summary>
public sealed class KnownTrapTests
{
    static readonly PlacementStrategy[] Strategies = [PlacementStrategy.FirstFit, PlacementStrategy.BestFit, PlacementStrategy.Sparse];

    [Fact]
    public void A_block_that_covers_a_taken_one_is_refused_and_nothing_offered_later_lies_in_either()
    {
        foreach (var strategy in Strategies)
        {
            var space = new AddressSpace(Cidr.Parse("10.0.0.0/20"));
            Assert.True(space.Reserve(Cidr.Parse("10.0.0.0/24")));

            Assert.False(space.Reserve(Cidr.Parse("10.0.0.0/23")));

            List<Cidr> offered = [];
            while (space.TryFind(24, strategy, out var block))
            {
                Assert.True(space.Reserve(block));
                offered.Add(block);
            }

            Assert.Equal(15, offered.Distinct().Count());
            Assert.DoesNotContain(offered, static block => block.Overlaps(Cidr.Parse("10.0.0.0/24")));
        }
    }

    [Theory]
    [InlineData("10.0.0.0/20", "10.0.0.0/24")]
    [InlineData("10.0.0.0/24", "10.0.0.0/20")]
    [InlineData("10.0.4.0/24", "10.0.0.0/20")]
    [InlineData("10.0.0.255/32", "10.0.0.0/24")]
    [InlineData("2001:db8::/64", "2001:db8::/56")]
    public void Blocks_of_other_names_that_share_addresses_cannot_both_be_taken(string first, string second)
    {
        var space = new AddressSpace(Cidr.Parse(first.Contains(':', StringComparison.Ordinal) ? "2001:db8::/48" : "10.0.0.0/16"));

        Assert.True(space.Reserve(Cidr.Parse(first)));
        Assert.False(space.Reserve(Cidr.Parse(second)));
    }

    [Theory]
    [InlineData("10.0.0.0/16")]
    [InlineData("10.0.8.0/21")]
    [InlineData("10.0.12.0/22")]
    [InlineData("0.0.0.0/0")]
    [InlineData("2001:db8::/64")]
    public void A_block_whose_first_address_lies_inside_does_not_lie_inside_for_that(string block)
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/20"));

        Assert.Equal(block is "10.0.8.0/21" or "10.0.12.0/22", space.Reserve(Cidr.Parse(block)));
    }

    [Fact]
    public void A_block_larger_than_the_pool_is_out_of_bounds_and_not_a_sign_of_exhaustion()
    {
        var pool = Offer("10.0.0.0/20");

        var verdict = Assert.IsType<ClaimVerdict.Refused>(ClaimEvaluation.Evaluate(new ClaimWish { Target = new ClaimTarget.Named("pool", pool), PrefixLength = 16 }));

        Assert.Equal(Reasons.PrefixLengthOutOfBounds, verdict.Reason);
    }

    [Theory]
    [InlineData("10.0.0.0/8", 24)]
    [InlineData("0.0.0.0/0", 32)]
    [InlineData("10.0.0.0/31", 32)]
    [InlineData("2001:db8::/32", 64)]
    [InlineData("::/0", 128)]
    [InlineData("2001:db8::/127", 128)]
    public void Pools_of_every_size_and_both_families_serve(string root, int length)
    {
        var verdict = ClaimEvaluation.Evaluate(new ClaimWish { Target = new ClaimTarget.Named("pool", Offer(root)), PrefixLength = length });

        Assert.Equal(length, Assert.IsType<ClaimVerdict.Granted>(verdict).Block.Length);
    }

    [Fact]
    public void Blocks_of_any_size_are_counted_exactly_while_others_come_and_go()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/22"));
        foreach (var taken in new[] { "10.0.0.0/26", "10.0.1.128/25", "10.0.2.17/32" }) Assert.True(space.Reserve(Cidr.Parse(taken)));

        int[] lengths = [24, 25, 26, 32];
        Assert.Equal("1 5 12 831", string.Join(' ', lengths.Select(length => space.FreeBlocks(length).ToString())));
    }

    static PoolOffer Offer(string root)
    {
        var block = Cidr.Parse(root);
        return new() { Name = "pool", Root = block, Rules = PoolRules.Of(block, null, null, null, null), Blocks = [new BlockOffer("pool", new PoolSpace(block))], Reservations = [] };
    }
}
