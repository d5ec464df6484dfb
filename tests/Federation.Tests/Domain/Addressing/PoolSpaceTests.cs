using Federation.Domain;
using Federation.Domain.Addressing;

namespace Federation.Tests.Domain.Addressing;

public sealed class PoolSpaceTests
{
    static readonly Holder Claim = new(HoldKind.Allocation, "shop/cart");
    static readonly Holder Rested = new(HoldKind.Cooling, "shop/cart");

    static Cidr Block(string text) => Cidr.Parse(text);

    static PoolSpace Pool(string root, params (string Block, HoldKind Kind)[] held)
    {
        var space = new PoolSpace(Block(root));
        Assert.All(held, hold => Assert.True(space.TryHold(Block(hold.Block), new(hold.Kind, hold.Block))));
        return space;
    }

    [Fact]
    public void Only_its_holder_releases_a_block()
    {
        var space = Pool("10.0.0.0/24");
        Assert.True(space.TryHold(Block("10.0.0.0/26"), Claim));

        Assert.False(space.Release(Block("10.0.0.0/26"), Claim with { Owner = "shop/till" }));
        Assert.False(space.Release(Block("10.0.0.0/26"), Claim with { Kind = HoldKind.Lease }));
        Assert.False(space.Release(Block("10.0.0.0/27"), Claim));
        Assert.False(space.Release(Block("10.0.0.64/26"), Claim));
        Assert.Equal(Claim, space.HolderOf(Block("10.0.0.0/26")));

        Assert.True(space.Release(Block("10.0.0.0/26"), Claim));
        Assert.False(space.Release(Block("10.0.0.0/26"), Claim));
        Assert.Null(space.HolderOf(Block("10.0.0.0/26")));
        Assert.True(space.IsFree(space.Root));
    }

    [Fact]
    public void A_block_changes_hands_without_being_free()
    {
        var space = Pool("10.0.0.0/24");
        Assert.True(space.TryHold(Block("10.0.0.0/26"), Claim));

        Assert.False(space.Change(Block("10.0.0.0/26"), Rested, Claim));
        Assert.False(space.Change(Block("10.0.0.0/27"), Claim, Rested));
        Assert.True(space.Change(Block("10.0.0.0/26"), Claim, Rested));

        Assert.Equal(Rested, space.HolderOf(Block("10.0.0.0/26")));
        Assert.False(space.IsFree(Block("10.0.0.0/26")));
        Assert.Equal((0, 1), (space.Count(HoldKind.Allocation), space.Count(HoldKind.Cooling)));
        Assert.Equal(("0", "64"), (space.Sum(HoldKind.Allocation).ToString(), space.Sum(HoldKind.Cooling).ToString()));
    }

    [Fact]
    public void Nobody_in_particular_holds_nothing()
    {
        var space = Pool("10.0.0.0/24", ("10.0.0.0/26", HoldKind.Lease));

        Assert.Throws<InvariantViolationException>(() => space.TryHold(Block("10.0.0.64/26"), default));
        Assert.Throws<InvariantViolationException>(() => space.Change(Block("10.0.0.0/26"), new(HoldKind.Lease, "10.0.0.0/26"), default));
        Assert.Equal(1, space.Count(HoldKind.Lease));
    }

    [Fact]
    public void A_conflict_names_the_lowest_block_in_the_way_and_its_holder()
    {
        var space = Pool("10.0.0.0/24", ("10.0.0.64/26", HoldKind.Lease), ("10.0.0.128/25", HoldKind.ChildPool));

        Assert.Equal((Block("10.0.0.64/26"), new Holder(HoldKind.Lease, "10.0.0.64/26")), space.FindConflict(Block("10.0.0.0/24")));
        Assert.Equal((Block("10.0.0.128/25"), new Holder(HoldKind.ChildPool, "10.0.0.128/25")), space.FindConflict(Block("10.0.0.200/32")));
        Assert.Null(space.FindConflict(Block("10.0.0.0/26")));
        Assert.Null(space.HolderOf(Block("10.0.0.200/32")));
    }

    [Fact]
    public void Capacity_tells_allocated_leased_and_available_apart()
    {
        var space = Pool("10.0.0.0/24",
            ("10.0.0.0/32", HoldKind.Allocation),
            ("10.0.0.2/31", HoldKind.ChildPool),
            ("10.0.0.4/30", HoldKind.Lease),
            ("10.0.0.8/29", HoldKind.Quarantine),
            ("10.0.0.16/28", HoldKind.Reservation),
            ("10.0.0.32/27", HoldKind.Cooling));

        Assert.Equal(new Capacity(Count(256), Allocated: Count(1 + 2), Leased: Count(4 + 8), Available: Count(256 - 63)), space.Capacity);
        Assert.Equal(5.8593, space.UtilizationPercent);
        Assert.Equal(25, space.LargestFreePrefixLength);
        Assert.Equal("1", space.FreeBlocks(25).ToString());

        static AddressCount Count(int count) => AddressCount.Of((UInt128)count);
    }

    [Fact]
    public void A_pool_is_exhausted_when_no_address_is_free_whoever_has_them()
    {
        var space = Pool("10.0.0.0/31", ("10.0.0.0/32", HoldKind.Allocation));
        Assert.False(space.IsExhausted);

        Assert.True(space.TryHold(Block("10.0.0.1/32"), Holder.Reserved));

        Assert.True(space.IsExhausted);
        Assert.Null(space.LargestFreePrefixLength);
        Assert.Equal(50, space.UtilizationPercent);
        Assert.False(space.TryFind(32, PlacementStrategy.FirstFit, out _));
    }

    [Fact]
    public void Everything_held_stands_in_address_order()
    {
        var space = Pool("10.0.0.0/24", ("10.0.0.128/25", HoldKind.Lease), ("10.0.0.0/32", HoldKind.Allocation), ("10.0.0.64/26", HoldKind.Cooling));

        Assert.Equal(["10.0.0.0/32", "10.0.0.64/26", "10.0.0.128/25"], space.Held().Select(static held => held.Holder.Owner));
        Assert.Equal(["10.0.0.0/32", "10.0.0.64/26"], space.Held(Block("10.0.0.0/25")).Select(static held => held.Block.ToString()));
    }
}
