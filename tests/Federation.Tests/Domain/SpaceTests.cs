using Federation.Domain.Addressing;
using Federation.Tests.Domain.Addressing;

namespace Federation.Tests.Domain;

public sealed class SpaceTests
{
    static readonly Holder Team = new(HoldKind.Allocation, "team-a/web");

    [Fact]
    public void T2_1_a_block_around_a_taken_one_is_refused_and_no_later_block_lies_in_either()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/20"));
        Assert.True(space.Reserve(Cidr.Parse("10.0.0.0/24")));

        var refused = space.Reserve(Cidr.Parse("10.0.0.0/23"));

        Assert.False(refused);
        Assert.True(space.IsFree(Cidr.Parse("10.0.1.0/24")));
        Assert.True(space.Reserve(Cidr.Parse("10.0.2.0/23")));
        Assert.Equal(13, FillWith(space, 24).Count(block => !block.Overlaps(Cidr.Parse("10.0.0.0/24")) && !block.Overlaps(Cidr.Parse("10.0.2.0/23"))));
        Assert.Equal(AddressCount.Zero, space.FreeCount);
    }

    [Fact]
    public void T2_2_a_block_inside_a_taken_one_is_refused_whatever_its_name()
    {
        var pool = new PoolSpace(Cidr.Parse("10.0.0.0/16"));
        Assert.True(pool.TryHold(Cidr.Parse("10.0.0.0/20"), Team));

        var inside = pool.TryHold(Cidr.Parse("10.0.0.0/24"), Team with { Owner = "team-b/db" });

        Assert.False(inside);
        Assert.Equal((Cidr.Parse("10.0.0.0/20"), Team), pool.FindConflict(Cidr.Parse("10.0.0.0/24")));
        Assert.False(Cidr.TryParse("10.0.0.5/24", out _));
    }

    [Fact]
    public void T2_3_a_block_larger_than_the_pool_is_refused_though_it_starts_in_it()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/20"));

        Assert.False(space.Reserve(Cidr.Parse("10.0.0.0/16")));
        Assert.False(space.Reserve(Cidr.Parse("10.0.16.0/24")));
        Assert.Equal(0, space.TakenBlocks);
    }

    [Fact]
    public void T2_4_a_size_the_pool_has_not_is_never_found()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/20"));

        Assert.False(space.TryFind(16, PlacementStrategy.FirstFit, out _));
        Assert.False(space.TryFind(33, PlacementStrategy.FirstFit, out _));
        Assert.True(space.TryFind(20, PlacementStrategy.FirstFit, out _));
    }

    [Theory]
    [InlineData("10.0.0.0/8", 24, "65536")]
    [InlineData("0.0.0.0/0", 32, "4294967296")]
    [InlineData("2001:db8::/32", 64, "4294967296")]
    [InlineData("::/0", 128, "340282366920938463463374607431768211456")]
    [InlineData("10.0.0.0/31", 32, "2")]
    [InlineData("10.0.0.1/32", 32, "1")]
    [InlineData("::/127", 128, "2")]
    [InlineData("::1/128", 128, "1")]
    public void T2_5_pools_of_any_size_and_family_give_all_of_their_blocks(string root, int length, string blocks)
    {
        var space = new AddressSpace(Cidr.Parse(root));

        var found = space.TryFind(length, PlacementStrategy.FirstFit, out var first);

        Assert.True(found);
        Assert.Equal(space.Root.Network, first.Network);
        Assert.Equal(blocks, space.FreeBlocks(length).ToString());
        Assert.True(space.Reserve(first));
        Assert.Equal(blocks, (space.FreeBlocks(length) + AddressCount.Of(1)).ToString());
    }

    [Fact]
    public void T2_6_buddies_that_are_free_join_and_those_that_are_not_do_not()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/22"));
        var blocks = FillWith(space, 24);

        Assert.True(space.Release(blocks[0]));
        Assert.True(space.Release(blocks[2]));
        Assert.Equal(24, space.LargestFreePrefixLength);
        Assert.Equal(AddressCount.Zero, space.FreeBlocks(23));
        Assert.True(space.Release(blocks[1]));

        Assert.Equal(23, space.LargestFreePrefixLength);
        Assert.Equal(["10.0.0.0/23", "10.0.2.0/24"], space.FreeInOrder().Select(static block => block.ToString()));
    }

    [Theory]
    [InlineData(PlacementStrategy.FirstFit, "10.0.1.0/24")]
    [InlineData(PlacementStrategy.LeastUtilized, "10.0.1.0/24")]
    [InlineData(PlacementStrategy.BestFit, "10.0.9.0/24")]
    [InlineData(PlacementStrategy.Sparse, "10.0.16.0/24")]
    public void Each_strategy_has_a_place_of_its_own(PlacementStrategy strategy, string place)
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/19"));
        foreach (var taken in new[] { "10.0.0.0/24", "10.0.8.0/24", "10.0.10.0/23", "10.0.12.0/22" }) Assert.True(space.Reserve(Cidr.Parse(taken)));
        if (strategy is PlacementStrategy.FirstFit or PlacementStrategy.LeastUtilized) Assert.True(space.IsFree(Cidr.Parse("10.0.1.0/24")));
        if (strategy is PlacementStrategy.BestFit) Assert.True(space.Reserve(Cidr.Parse("10.0.1.0/24")));

        Assert.True(space.TryFind(24, strategy, out var found));

        Assert.Equal(place, found.ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/16", 24)]
    [InlineData("2001:db8::/48", 56)]
    public void Placed_sparsely_nine_holders_of_ten_can_double_while_half_the_space_is_taken(string root, int length)
    {
        var space = new AddressSpace(Cidr.Parse(root));
        var taken = new List<Cidr>();

        while (space.TakenCount.CompareTo(space.FreeCount) < 0)
        {
            Assert.True(space.TryFind(length, PlacementStrategy.Sparse, out var block) && space.Reserve(block));
            taken.Add(block);
        }

        Assert.Equal(128, taken.Count);
        Assert.True(taken.Count(space.CanDouble) >= taken.Count * 0.9);
    }

    [Fact]
    public void A_space_in_steady_state_allocates_nothing_per_operation()
    {
        var space = new AddressSpace(Cidr.Parse("2001:db8::/32"));
        for (var block = 0; block < 1000; block++) Assert.True(space.TryFind(56, PlacementStrategy.Sparse, out var found) && space.Reserve(found));
        Assert.Equal(4000, Churn(space));

        Assert.Equal(0, Allocation.Of(() => Churn(space)));
    }

    [Fact]
    public void A_pool_in_steady_state_allocates_nothing_per_operation()
    {
        var pool = new PoolSpace(Cidr.Parse("10.0.0.0/8"));
        for (var block = 0; block < 1000; block++) Assert.True(pool.TryFind(24, PlacementStrategy.FirstFit, out var found) && pool.TryHold(found, Team));
        Assert.Equal(1000, Churn(pool));

        Assert.Equal(0, Allocation.Of(() => Churn(pool)));
    }

    static List<Cidr> FillWith(AddressSpace space, int length)
    {
        var blocks = new List<Cidr>();
        while (space.TryFind(length, PlacementStrategy.FirstFit, out var block) && space.Reserve(block)) blocks.Add(block);
        return blocks;
    }

    static int Churn(AddressSpace space)
    {
        var done = 0;
        for (var time = 0; time < 1000; time++)
        {
            for (var strategy = PlacementStrategy.FirstFit; strategy <= PlacementStrategy.Sparse; strategy++)
            {
                if (space.TryFind(56 + (time % 8), strategy, out var block) && space.Reserve(block) && !space.IsFree(block) && space.Release(block)) done++;
            }
        }

        return done;
    }

    static int Churn(PoolSpace pool)
    {
        var done = 0;
        for (var time = 0; time < 1000; time++)
        {
            if (pool.TryFind(24 + (time % 8), PlacementStrategy.BestFit, out var block) && pool.TryHold(block, Team) && pool.FindConflict(block) is not null && pool.Release(block, Team)) done++;
        }

        return done;
    }
}
