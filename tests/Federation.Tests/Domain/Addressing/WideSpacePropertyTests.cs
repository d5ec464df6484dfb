using Federation.Domain.Addressing;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain.Addressing;

/// <summary>Blocks of any length scattered over large pools, where most of the way down to a block is compressed.</summary>
public sealed class WideSpacePropertyTests
{
    static readonly Cidr[] Roots = [.. new[] { "0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/32", "fe00::/7", "2001:db8::/64" }.Select(Cidr.Parse)];

    static readonly Arbitrary<(Cidr Root, Cidr[] Blocks)> Scattered = Arb.From(
        from root in Gen.Elements(Roots)
        from count in Gen.Choose(1, 14)
        from blocks in (
            from drawn in Blocks.OfBothFamilies.Generator
            from longer in Gen.Choose(0, root.Order)
            select Cidr.Of(root.Network | (drawn.Network & (root.Last ^ root.Network)), root.Length + longer, root.Width)).ArrayOf(count)
        select (root, blocks));

    [Fact]
    public void Taken_and_free_blocks_tile_the_root_and_every_answer_follows_from_them() =>
        Prop.ForAll(Scattered, static drawn =>
        {
            var space = new AddressSpace(drawn.Root);
            SortedSet<Cidr> taken = [];
            foreach (var block in drawn.Blocks.Concat(drawn.Blocks))
            {
                if (taken.Remove(block)) Assert.True(space.Release(block));
                else Assert.Equal(!taken.Any(block.Overlaps) && taken.Add(block), space.Reserve(block));

                Assert.Equal(taken, space.TakenInOrder());
                AssertTiles(space);
                AssertAnswersFollow(space, [.. space.FreeInOrder()]);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    static void AssertTiles(AddressSpace space)
    {
        var next = space.Root.Network;
        var sum = AddressCount.Zero;
        foreach (var tile in space.TakenInOrder().Concat(space.FreeInOrder()).Order())
        {
            Assert.Equal(next, tile.Network);
            next = unchecked(tile.Last + 1);
            sum += tile.Count;
        }

        Assert.Equal(space.Root.Count, sum);
        Assert.Equal(space.FreeCount, space.FreeInOrder().Aggregate(AddressCount.Zero, static (free, tile) => free + tile.Count));
    }

    static void AssertAnswersFollow(AddressSpace space, List<Cidr> regions)
    {
        Assert.All(regions, region => Assert.True(region == space.Root || !regions.Contains(region.Buddy)));
        Assert.Equal(regions.Select(static region => (int?)region.Length).Min(), space.LargestFreePrefixLength);
        for (var length = space.Root.Length; length <= space.Root.Width; length += 11)
        {
            var fitting = regions.Where(region => region.Length <= length).ToList();
            Assert.Equal(
                fitting.Aggregate(AddressCount.Zero, (sum, region) => sum + AddressCount.PowerOfTwo(length - region.Length)),
                space.FreeBlocks(length));
            AssertFound(space, length, PlacementStrategy.FirstFit, fitting);
            AssertFound(space, length, PlacementStrategy.BestFit, fitting.OrderByDescending(static region => region.Length));
            AssertFound(space, length, PlacementStrategy.Sparse, fitting.OrderBy(static region => region.Length));
        }
    }

    static void AssertFound(AddressSpace space, int length, PlacementStrategy strategy, IEnumerable<Cidr> best)
    {
        var region = best.Cast<Cidr?>().FirstOrDefault();
        Assert.Equal(region is not null, space.TryFind(length, strategy, out var found));
        if (region is { } expected) Assert.Equal(Cidr.Of(expected.Network, length, expected.Width), found);
    }
}
