using Federation.Domain.Addressing;

namespace Federation.Tests.Domain.Addressing;

/// <summary>The trie against the obvious: a set of blocks, searched from end to end.</summary>
public class AddressSpaceModelTests
{
    public static TheoryData<string> Roots =>
    [
        "10.0.0.0/27", "0.0.0.0/0", "255.255.255.248/29", "10.0.0.0/31", "10.0.0.7/32",
        "2001:db8::/123", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffe0/123", "::/0", "2001:db8::/127", "2001:db8::1/128",
    ];

    [Theory]
    [MemberData(nameof(Roots))]
    public void Every_answer_is_the_one_a_search_from_end_to_end_gives(string text)
    {
        var root = Cidr.Parse(text);
        for (var seed = 1; seed <= 40; seed++)
        {
            var world = new World(root, new Random(seed));
            for (var step = 0; step < 120; step++) world.Step();
        }
    }

    /// <summary>The lowest and highest few lengths of a root: enough to be searched whole where the root is small.</summary>
    sealed class World(Cidr root, Random random)
    {
        readonly AddressSpace space = new(root);
        readonly SortedSet<Cidr> taken = [];
        readonly int depth = Math.Min(root.Width - root.Length, 5);

        public void Step()
        {
            var block = Draw();
            if (random.Next(3) == 0 && taken.Count > 0) block = taken.ElementAt(random.Next(taken.Count));
            if (random.Next(2) == 0) Reserve(block);
            else Release(block);
            Check();
        }

        Cidr Draw()
        {
            var length = root.Length + random.Next(depth + 1);
            var index = random.Next(1 << (length - root.Length));
            return Blocks(length).ElementAt(index);
        }

        void Reserve(Cidr block)
        {
            var isFree = !taken.Any(other => other.Overlaps(block));

            Assert.Equal(isFree, space.IsFree(block));
            Assert.Equal(isFree, space.Reserve(block));
            if (isFree) taken.Add(block);
        }

        void Release(Cidr block) => Assert.Equal(taken.Remove(block), space.Release(block));

        void Check()
        {
            Assert.Equal(taken, space.TakenInOrder());
            Assert.Equal(taken.Count, space.TakenBlocks);
            Assert.Equal(taken.Aggregate(AddressCount.Zero, static (sum, block) => sum + block.Count), space.TakenCount);
            Assert.Equal(root.Count, space.TakenCount + space.FreeCount);
            var free = MaximalFree(root).ToList();
            Assert.Equal(free, space.FreeInOrder());
            Assert.Equal(free.Count == 0 ? null : free.Min(static block => block.Length), (byte?)space.LargestFreePrefixLength);
            for (var length = root.Length; length <= root.Length + depth; length++) CheckFind(length, free);
            var probe = Draw();
            var overlaps = taken.Where(block => block.Overlaps(probe)).ToList();
            Assert.Equal(overlaps.Count > 0, space.TryFindOverlap(probe, out var found));
            if (overlaps.Count > 0) Assert.Equal(overlaps[0], found);
        }

        void CheckFind(int length, List<Cidr> free)
        {
            var fitting = free.Where(block => block.Length <= length).ToList();
            Expect(length, PlacementStrategy.FirstFit, fitting.Count == 0 ? null : fitting[0]);
            Expect(length, PlacementStrategy.LeastUtilized, fitting.Count == 0 ? null : fitting[0]);
            Expect(length, PlacementStrategy.BestFit, fitting.Count == 0 ? null : fitting.MaxBy(static block => block.Length));
            Expect(length, PlacementStrategy.Sparse, fitting.Count == 0 ? null : fitting.MinBy(static block => block.Length));
        }

        void Expect(int length, PlacementStrategy strategy, Cidr? region)
        {
            Assert.Equal(region is not null, space.TryFind(length, strategy, out var block));
            if (region is { } expected) Assert.Equal(Cidr.Of(expected.Network, length, root.Width), block);
        }

        IEnumerable<Cidr> Blocks(int length)
        {
            var first = Cidr.Of(root.Network, length, root.Width);
            for (var index = 0; index < 1 << (length - root.Length); index++)
            {
                yield return Cidr.Of(first.Network + (length == 0 ? 0 : (UInt128)index << (root.Width - length)), length, root.Width);
            }
        }

        IEnumerable<Cidr> MaximalFree(Cidr at)
        {
            if (!taken.Any(block => block.Overlaps(at))) return [at];
            return taken.Any(block => block.Contains(at)) ? [] : MaximalFree(at.LowerHalf).Concat(MaximalFree(at.UpperHalf));
        }
    }

    [Fact]
    public void A_block_is_freed_only_as_it_was_taken_and_only_once()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/24"));
        Assert.True(space.Reserve(Cidr.Parse("10.0.0.0/25")));

        Assert.False(space.Release(Cidr.Parse("10.0.0.0/24")));
        Assert.False(space.Release(Cidr.Parse("10.0.0.0/26")));
        Assert.True(space.Release(Cidr.Parse("10.0.0.0/25")));
        Assert.False(space.Release(Cidr.Parse("10.0.0.0/25")));
    }

    [Fact]
    public void Holders_placed_sparsely_can_double_in_place_at_half_load()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/16"));
        while (space.TakenBlocks < 128 && space.TryFind(24, PlacementStrategy.Sparse, out var block)) Assert.True(space.Reserve(block));

        var canDouble = space.TakenInOrder().Count(space.CanDouble);

        Assert.Equal(128, canDouble);
    }

    [Fact]
    public void A_block_that_covers_a_taken_one_is_refused_and_stays_whole_for_nobody()
    {
        var space = new AddressSpace(Cidr.Parse("10.0.0.0/20"));
        Assert.True(space.Reserve(Cidr.Parse("10.0.0.0/24")));

        Assert.False(space.Reserve(Cidr.Parse("10.0.0.0/23")));
        Assert.False(space.Reserve(Cidr.Parse("10.0.0.0/16")));
        Assert.True(space.TryFind(24, PlacementStrategy.FirstFit, out var next));
        Assert.Equal(Cidr.Parse("10.0.1.0/24"), next);
    }
}
