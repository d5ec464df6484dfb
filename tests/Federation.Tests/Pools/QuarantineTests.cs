using Federation.Domain.Addressing;
using Federation.Edge;
using Federation.Resources;
using static Federation.Tests.Pools.BookScene;

namespace Federation.Tests.Pools;

/// <summary>Allocations that nobody made by the rules: set aside, and nothing handed out on top.</summary>
public sealed class QuarantineTests
{
    readonly BookScene scene = new();

    [Fact]
    public void What_overlaps_an_older_allocation_is_set_aside_and_the_rest_of_it_kept_free_of_others()
    {
        var (mine, intruder) = (Allocation("10.0.0.1/32", "mine", 5), Allocation("10.0.0.0/30", "intruder", 6));

        scene.Tell(mine, intruder);

        Assert.Equal("10.0.0.0/30 overlaps 10.0.0.1/32, held by team/mine", scene.WhyAside(intruder));
        Assert.Null(scene.WhyAside(mine));
        Assert.Same(mine, scene.Book.AllocationOf("uid-mine"));
        Assert.Null(scene.Book.AllocationOf("uid-intruder"));
        Assert.All(["10.0.0.0/32", "10.0.0.2/31"], block => Assert.Equal(intruder.Name, scene.HolderOf(block)));
        Assert.Null(scene.Space.FindConflict(Cidr.Parse("10.0.0.4/30")));
    }

    [Fact]
    public void What_an_intruder_covered_is_free_once_it_is_gone()
    {
        var (mine, intruder) = (Allocation("10.0.0.1/32", "mine", 5), Allocation("10.0.0.0/30", "intruder", 6));
        scene.Tell(mine, intruder);

        scene.TellGone(intruder);

        Assert.Equal("10.0.0.1/32 { Kind = Allocation, Owner = team/mine }", scene.Said.Replace("Holder ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void An_intruder_comes_out_when_what_it_overlapped_goes()
    {
        var (mine, intruder) = (Allocation("10.0.0.1/32", "mine", 5), Allocation("10.0.0.0/30", "intruder", 6));
        scene.Tell(mine, intruder);

        scene.TellGone(mine);

        Assert.Null(scene.WhyAside(intruder));
        Assert.Equal("team/intruder", scene.HolderOf("10.0.0.0/30"));
    }

    [Fact]
    public void The_one_written_first_holds_the_block_whichever_is_told_first()
    {
        var (first, second) = (Allocation("10.0.0.1/32", "first", 5), Allocation("10.0.0.0/30", "second", 6));

        scene.Tell(second, first);

        Assert.Null(scene.WhyAside(first));
        Assert.NotNull(scene.WhyAside(second));
    }

    [Fact]
    public void What_a_claim_was_told_is_its_own_stays_so_though_it_was_written_later()
    {
        var (early, serving) = (Allocation("10.0.0.1/32", "early", 5), Allocation("10.0.0.0/30", "serving", 6));
        scene.Bound.Add(serving.Name);

        scene.Tell(early, serving);

        Assert.Null(scene.WhyAside(serving));
        Assert.Equal("10.0.0.1/32 overlaps 10.0.0.0/30, held by team/serving", scene.WhyAside(early));
    }

    [Fact]
    public void A_claim_holds_one_allocation_and_a_second_takes_its_place_when_that_goes()
    {
        var (held, more) = (Allocation("10.0.0.1/32", "one", 5), Allocation("10.0.0.2/32", "one", 6));
        scene.Tell(held, more);

        Assert.Equal("claim team/one holds 10.0.0.1/32 of pool web", scene.WhyAside(more));

        scene.TellGone(held);

        Assert.Null(scene.WhyAside(more));
        Assert.Same(more, scene.Book.AllocationOf("uid-one"));
    }

    [Fact]
    public void Of_several_that_agents_made_for_one_claim_the_first_counts_also_while_it_is_set_aside_itself()
    {
        var other = Allocation("10.0.0.1/32", "other", 5);
        var (first, second) = (ByAgent(Allocation("10.0.0.0/30", "one", 6)), ByAgent(Allocation("10.0.0.8/32", "one", 7)));

        scene.Tell(other, second, first);

        Assert.Equal("10.0.0.0/30 overlaps 10.0.0.1/32, held by team/other", scene.WhyAside(first));
        Assert.Equal("claim team/one holds 10.0.0.0/30 of pool web", scene.WhyAside(second));

        scene.TellGone(first);

        Assert.Null(scene.WhyAside(second));
        Assert.Same(second, scene.Book.AllocationOf("uid-one"));
    }

    [Fact]
    public void What_lies_outside_its_pool_or_is_named_for_another_block_is_set_aside()
    {
        var (outside, misnamed) = (Allocation("10.9.0.0/32", "outside", 5), Allocation("10.0.0.3/32", "misnamed", 6, name: "web.wrong"));

        scene.Tell(outside, misnamed);

        Assert.Equal("10.9.0.0/32 lies outside 10.0.0.0/28 of pool web", scene.WhyAside(outside));
        Assert.Equal("the allocation of 10.0.0.3/32 of pool web is named web.10-0-0-3-32", scene.WhyAside(misnamed));
        Assert.Equal("web.wrong", scene.HolderOf("10.0.0.3/32"));
    }

    [Fact]
    public void What_covers_the_whole_pool_and_more_leaves_nothing_to_hand_out()
    {
        var (mine, huge) = (Allocation("10.0.0.1/32", "mine", 5), Allocation("10.0.0.0/8", "huge", 6));

        scene.Tell(mine, huge);

        Assert.NotNull(scene.WhyAside(huge));
        Assert.Equal(scene.Space.Root.Count, scene.Space.Held().Aggregate(AddressCount.Zero, static (sum, held) => sum + held.Block.Count));
    }

    [Fact]
    public void One_that_says_no_block_no_pool_or_no_claim_is_set_aside_and_holds_nothing()
    {
        var whole = Allocation("10.0.0.1/32", "whole", 5);
        IPAllocation[] parts =
        [
            whole with { Metadata = whole.Metadata with { Name = "no-block" }, Spec = whole.Spec with { Cidr = null } },
            whole with { Metadata = whole.Metadata with { Name = "no-pool" }, Spec = whole.Spec with { PoolRef = null } },
            whole with { Metadata = whole.Metadata with { Name = "no-claim" }, Spec = whole.Spec with { ClaimRef = null } },
            whole with { Metadata = whole.Metadata with { Name = "no-uid" }, Spec = whole.Spec with { ClaimRef = new() { Namespace = "team", Name = "whole" } } },
        ];

        scene.Tell(parts);

        Assert.All(parts, part => Assert.Equal("it does not say which block of which pool it is, and whose", scene.WhyAside(part)));
        Assert.Empty(scene.Space.Held());
        foreach (var part in parts) scene.TellGone(part);
        Assert.Empty(scene.Book.Quarantine.Inside);
    }

    [Fact]
    public void What_is_told_before_the_pool_has_its_block_is_judged_when_it_has()
    {
        var closed = new BookScene(isOpen: false);
        var (mine, intruder) = (Allocation("10.0.0.1/32", "mine", 5), Allocation("10.0.0.0/30", "intruder", 6));
        closed.Tell(intruder, mine);

        closed.Open();

        Assert.Null(closed.WhyAside(mine));
        Assert.NotNull(closed.WhyAside(intruder));
    }

    [Fact]
    public void What_is_taken_and_not_yet_seen_gives_way_to_what_was_written()
    {
        scene.Book.Hold(Pool, Cidr.Parse("10.0.0.1/32"), "team/hopeful");

        scene.Tell(Allocation("10.0.0.0/30", "other", 6));

        Assert.Equal([Cidr.Parse("10.0.0.1/32")], scene.Displaced);
        Assert.Equal("team/other", scene.HolderOf("10.0.0.0/30"));
    }

    /// <summary>Two agents that are told of the same writes in another order must end with the same book.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void In_whatever_order_allocations_are_told_the_book_ends_the_same(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var all = Enumerable.Range(1, random.Next(2, 9)).Select(version => Drawn(random, version)).DistinctBy(static allocation => allocation.Name).ToArray();
            var bound = all.Where(_ => random.Next(4) == 0).DistinctBy(static allocation => allocation.Spec.ClaimRef!.Uid).Select(static allocation => allocation.Name).ToList();

            var (one, other) = (Told(all, bound), Told([.. all.OrderBy(_ => random.Next())], bound));

            Assert.Equal(one.Said, other.Said);
            Assert.Equal(one.Space.Held().Count(), one.Space.Held().DistinctBy(static held => held.Block).Count());
        }
    }

    static IPAllocation Drawn(Random random, int version)
    {
        var block = Root;
        for (var depth = random.Next(1, 5); depth > 0; depth--) block = random.Next(2) == 0 ? block.LowerHalf : block.UpperHalf;
        return Allocation(block.ToString(), $"c{random.Next(6)}", version);
    }

    static BookScene Told(IPAllocation[] all, List<string> bound)
    {
        var scene = new BookScene();
        scene.Bound.UnionWith(bound);
        scene.Tell(all);
        return scene;
    }

    static IPAllocation ByAgent(IPAllocation allocation) => allocation with { Metadata = allocation.Metadata with { Labels = EdgeNames.Managed } };
}
