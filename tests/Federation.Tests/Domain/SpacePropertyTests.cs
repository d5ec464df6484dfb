using System.Numerics;
using Federation.Domain.Addressing;
using FsCheck;
using FsCheck.Fluent;

namespace Federation.Tests.Domain;

/// <summary>Random operations on random pools, compared step by step with <see cref="SpaceModel"/>.</summary>
public sealed class SpacePropertyTests
{
    static readonly Cidr[] Roots = [.. new[]
    {
        "0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/8", "10.0.0.0/26", "10.0.0.252/30", "10.0.0.2/31", "255.255.255.255/32", "255.255.255.0/24",
        "::/0", "8000::/1", "2001:db8::/48", "2001:db8::/120", "::/126", "::2/127", "::1/128",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120", "ffff:ffff:ffff:ffff::/64",
    }.Select(Cidr.Parse)];

    static readonly PlacementStrategy[] Strategies = [PlacementStrategy.FirstFit, PlacementStrategy.BestFit, PlacementStrategy.LeastUtilized, PlacementStrategy.Sparse];

    static readonly Arbitrary<(Cidr Root, Step[] Steps)> Runs = (
        from root in Gen.Elements(Roots)
        from steps in StepGen.ArrayOf(60)
        select (root, steps)).ToArbitrary();

    static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(150);

    static Gen<Step> StepGen =>
        from kind in Gen.Frequency((4, Gen.Constant(StepKind.Find)), (3, Gen.Constant(StepKind.Take)), (3, Gen.Constant(StepKind.Free)))
        from strategy in Gen.Elements(Strategies)
        from deeper in Gen.Frequency((6, Gen.Choose(0, 7)), (1, Gen.Choose(0, 128)))
        from pick in Gen.Choose(0, int.MaxValue - 1)
        select new Step(kind, strategy, deeper, pick);

    enum StepKind { Find, Take, Free }

    /// <param name="Kind">Take what is found, take one particular block, or free one.</param>
    /// <param name="Strategy">How to find.</param>
    /// <param name="Deeper">How much longer the prefix is than the root's.</param>
    /// <param name="Pick">Which block.</param>
    sealed record Step(StepKind Kind, PlacementStrategy Strategy, int Deeper, int Pick);

    [Fact]
    public void A_space_always_says_what_the_model_says()
    {
        Check.One(Thorough, Prop.ForAll(Runs, static run =>
        {
            var (space, model) = (new AddressSpace(run.Root), new SpaceModel(run.Root));
            foreach (var step in run.Steps)
            {
                Follow(step, space, model);
                Compare(step, space, model);
            }
        }));
    }

    [Fact]
    public void What_is_freed_can_be_taken_again_and_an_emptied_space_is_whole()
    {
        Check.One(Thorough, Prop.ForAll(Runs, static run =>
        {
            var (space, model) = (new AddressSpace(run.Root), new SpaceModel(run.Root));
            foreach (var step in run.Steps) Follow(step, space, model);

            foreach (var block in model.Taken)
            {
                Assert.True(space.Release(block));
                Assert.False(space.Release(block));
                Assert.True(space.Reserve(block));
                Assert.True(space.Release(block));
            }

            Assert.Equal([run.Root], space.FreeInOrder());
            Assert.Equal(run.Root.Count, space.FreeCount);
            Assert.True(space.Reserve(run.Root));
        }));
    }

    [Fact]
    public void A_pool_adds_up_exactly_what_each_kind_of_holder_has()
    {
        Check.One(Thorough, Prop.ForAll(Runs, static run =>
        {
            var pool = new PoolSpace(run.Root);
            var held = new SortedDictionary<Cidr, Holder>();
            foreach (var step in run.Steps)
            {
                Follow(step, pool, held);
                Compare(pool, held);
            }
        }));
    }

    static void Follow(Step step, AddressSpace space, SpaceModel model)
    {
        switch (step.Kind)
        {
            case StepKind.Find when space.TryFind(LengthOf(step, space.Root), step.Strategy, out var found):
                Assert.True(model.Take(found));
                Assert.True(space.Reserve(found));
                break;
            case StepKind.Take:
                var wanted = BlockOf(step, space.Root);
                Assert.Equal(model.Take(wanted), space.Reserve(wanted));
                break;
            case StepKind.Free when model.Taken.Count > 0:
                var block = model.Taken[step.Pick % model.Taken.Count];
                Assert.True(model.Free(block));
                Assert.True(space.Release(block));
                break;
        }
    }

    static void Compare(Step step, AddressSpace space, SpaceModel model)
    {
        var (length, block) = (LengthOf(step, space.Root), BlockOf(step, space.Root));
        var gaps = model.Gaps();

        Assert.Equal(model.Taken.Order(), space.TakenInOrder());
        Assert.Equal(gaps, space.FreeInOrder());
        Assert.Equal(model.Taken.Count, space.TakenBlocks);
        Assert.Equal(model.TakenAddresses().ToString(), space.TakenCount.ToString());
        Assert.Equal(gaps.Count == 0 ? null : gaps.Min(static gap => gap.Length), space.LargestFreePrefixLength);
        Assert.Equal(model.Count(length), BigInteger.Parse(space.FreeBlocks(length).ToString()));
        Assert.Equal(model.Count(space.Root.Width), BigInteger.Parse(space.FreeCount.ToString()));
        foreach (var strategy in Strategies)
        {
            Assert.Equal(model.Choose(length, strategy), space.TryFind(length, strategy, out var found) ? found : null);
        }

        Assert.Equal(model.Overlap(block), space.TryFindOverlap(block, out var overlap) ? overlap : null);
        Assert.Equal(model.Overlap(block) is null && space.Root.Contains(block), space.IsFree(block));
        Assert.Equal(model.Taken.Contains(block), space.IsTaken(block));
        Assert.Equal(CanDouble(block, space.Root, model), space.CanDouble(block));
    }

    static bool CanDouble(Cidr block, Cidr root, SpaceModel model) =>
        block.Length > root.Length && model.Taken.Contains(block) && model.Overlap(block.Buddy) is null;

    static void Follow(Step step, PoolSpace pool, SortedDictionary<Cidr, Holder> held)
    {
        var holder = new Holder((HoldKind)(1 + (step.Pick % 6)), $"holder-{step.Pick % 3}");
        switch (step.Kind)
        {
            case StepKind.Find when pool.TryFind(LengthOf(step, pool.Root), step.Strategy, out var found):
                Assert.True(pool.TryHold(found, holder));
                held.Add(found, holder);
                break;
            case StepKind.Take when held.Count > 0:
                var passed = held.Keys.ElementAt(step.Pick % held.Count);
                Assert.False(pool.Change(passed, new(HoldKind.Lease, "somebody else"), holder));
                Assert.True(pool.Change(passed, held[passed], holder));
                held[passed] = holder;
                break;
            case StepKind.Free when held.Count > 0:
                var freed = held.Keys.ElementAt(step.Pick % held.Count);
                Assert.False(pool.Release(freed, new(HoldKind.Lease, "somebody else")));
                Assert.True(pool.Release(freed, held[freed]));
                held.Remove(freed);
                break;
        }
    }

    static void Compare(PoolSpace pool, SortedDictionary<Cidr, Holder> held)
    {
        foreach (var kind in Enum.GetValues<HoldKind>())
        {
            var ofKind = held.Where(pair => pair.Value.Kind == kind).Select(static pair => pair.Key).ToList();
            Assert.Equal(Sum(ofKind), pool.Sum(kind));
            Assert.Equal(ofKind.Count, pool.Count(kind));
        }

        var capacity = pool.Capacity;
        Assert.Equal(held.Select(static pair => (pair.Key, pair.Value)), pool.Held());
        Assert.Equal(pool.Root.Count, capacity.Total);
        Assert.Equal(capacity.Total, capacity.Allocated + capacity.Leased + capacity.Available + pool.Sum(HoldKind.Reservation) + pool.Sum(HoldKind.Cooling));
        Assert.Equal(capacity.Available, pool.FreeBlocks(pool.Root.Width));
        Assert.Equal(capacity.Available.IsZero, pool.IsExhausted);
    }

    static AddressCount Sum(List<Cidr> blocks) => blocks.Aggregate(AddressCount.Zero, static (sum, block) => sum + block.Count);

    /// <summary>May be one longer than there is, which nothing must be found for.</summary>
    static int LengthOf(Step step, Cidr root) => Math.Min(root.Length + step.Deeper, root.Width + 1);

    /// <summary>Now and then a block outside of the root, or one around it.</summary>
    static Cidr BlockOf(Step step, Cidr root)
    {
        var length = Math.Min(LengthOf(step, root), root.Width);
        if (step.Pick % 17 == 0 && root.Length > 0) return Cidr.Of(root.Network, root.Length - 1, root.Width);
        if (step.Pick % 19 == 0 && root.Length > 0) return root.Buddy;
        var offset = length == root.Length ? UInt128.Zero : ((UInt128)(uint)step.Pick * 2654435761) << (root.Width - length);
        return Cidr.Of(root.Network | (offset & (root.Last ^ root.Network)), length, root.Width);
    }
}
