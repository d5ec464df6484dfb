using Federation.Domain;
using Federation.Domain.Addressing;

namespace Federation.Tests.Domain.Addressing;

public sealed class ReservationTests
{
    static readonly Holder Claim = new(HoldKind.Allocation, "shop/cart");

    readonly PoolSpace space = new(Block("10.0.0.0/24"));

    static Cidr Block(string text) => Cidr.Parse(text);

    ReservationChange Plan(params string[] wanted) => space.PlanReservations([.. wanted.Select(Block)]);

    void Reserve(params string[] wanted) => space.Apply(Plan(wanted));

    IEnumerable<string> Reserved => space.Held().Where(static held => held.Holder == Holder.Reserved).Select(static held => held.Block.ToString());

    [Fact]
    public void Reservations_of_a_live_pool_become_those_wanted()
    {
        Reserve("10.0.0.128/26", "10.0.0.0/28");
        Assert.Equal(["10.0.0.0/28", "10.0.0.128/26"], Reserved);

        var change = Plan("10.0.0.64/26", "10.0.0.0/28");
        Assert.Equal([Block("10.0.0.64/26")], change.Taken);
        Assert.Equal([Block("10.0.0.128/26")], change.Freed);
        Assert.Equal(["10.0.0.0/28", "10.0.0.128/26"], Reserved);

        space.Apply(change);
        Assert.Equal(["10.0.0.0/28", "10.0.0.64/26"], Reserved);
        Assert.Equal((2, "80"), (space.Count(HoldKind.Reservation), space.Sum(HoldKind.Reservation).ToString()));

        Reserve();
        Assert.Empty(Reserved);
        Assert.True(space.IsFree(space.Root));
    }

    [Fact]
    public void What_is_reserved_already_needs_no_change()
    {
        Reserve("10.0.0.0/28", "10.0.0.128/26");

        var change = Plan("10.0.0.128/26", "10.0.0.0/28", "10.0.0.0/28");

        Assert.True(change.IsPossible);
        Assert.Empty(change.Taken);
        Assert.Empty(change.Freed);
    }

    [Fact]
    public void A_live_holder_is_named_and_keeps_its_block()
    {
        Assert.True(space.TryHold(Block("10.0.0.5/32"), Claim));
        Assert.True(space.TryHold(Block("10.0.0.6/32"), new(HoldKind.Cooling, "shop/till")));

        var change = Plan("10.0.0.0/28", "10.0.0.64/26", "10.0.0.6/32");

        Assert.False(change.IsPossible);
        Assert.Equal([new ReservationConflict(Block("10.0.0.0/28"), Block("10.0.0.5/32"), Claim)], change.Conflicts);
        Assert.Throws<InvariantViolationException>(() => space.Apply(change));
        Assert.Empty(Reserved);
    }

    [Fact]
    public void A_holder_hidden_behind_a_lower_reservation_is_found()
    {
        Reserve("10.0.0.0/26");
        Assert.True(space.TryHold(Block("10.0.0.64/26"), Claim));

        var change = Plan("10.0.0.0/25");

        Assert.Equal([new ReservationConflict(Block("10.0.0.0/25"), Block("10.0.0.64/26"), Claim)], change.Conflicts);
    }

    [Fact]
    public void A_holder_around_the_wanted_block_is_found()
    {
        Assert.True(space.TryHold(Block("10.0.0.0/25"), new(HoldKind.Lease, "us-east-0")));

        Assert.Equal("us-east-0", Assert.Single(Plan("10.0.0.64/32").Conflicts).Holder.Owner);
    }

    [Fact]
    public void A_reservation_grows_and_shrinks_over_itself()
    {
        Reserve("10.0.0.0/26", "10.0.0.64/26");

        Reserve("10.0.0.0/25");
        Assert.Equal(["10.0.0.0/25"], Reserved);

        Reserve("10.0.0.32/27");
        Assert.Equal(["10.0.0.32/27"], Reserved);
    }

    [Theory]
    [InlineData("10.0.0.0/25", "10.0.0.0/26")]
    [InlineData("10.0.0.0/26", "10.0.0.0/25")]
    public void A_reservation_inside_another_adds_nothing_whichever_comes_first(string one, string other)
    {
        Reserve(one, other);

        Assert.Equal(["10.0.0.0/25"], Reserved);
        Assert.Equal("128", space.Sum(HoldKind.Reservation).ToString());
    }

    [Fact]
    public void What_does_not_lie_in_the_pool_cannot_be_reserved_in_it()
    {
        var change = Plan("10.0.0.0/23", "10.0.1.0/32", "2001:db8::/32", "10.0.0.0/32");

        Assert.False(change.IsPossible);
        Assert.Equal([Block("10.0.0.0/23"), Block("10.0.1.0/32"), Block("2001:db8::/32")], change.Outside);
        Assert.Equal([Block("10.0.0.0/32")], change.Taken);
        Assert.Empty(change.Conflicts);
    }

    [Fact]
    public void A_plan_the_space_has_moved_on_from_is_a_broken_invariant()
    {
        var change = Plan("10.0.0.0/28");
        Assert.True(space.TryHold(Block("10.0.0.5/32"), Claim));

        Assert.Throws<InvariantViolationException>(() => space.Apply(change));
    }
}
