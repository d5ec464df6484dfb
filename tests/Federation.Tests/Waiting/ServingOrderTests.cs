using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Tests.Waiting;

public sealed class ServingOrderTests
{
    /// <summary>Those who wait want 1 to 6 of what there is; the more they want, the sooner there is not enough.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whoever_can_be_served_is_served_as_if_all_were_looked_at_one_by_one(int seed)
    {
        var draw = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var waiting = Enumerable.Range(0, draw.Next(1, 60)).Select(i => (Age: Age(i), Claim: Waiting(i, wants: draw.Next(1, 7)), Said: draw.Next(3) is 0 ? null : Refusal($"{draw.Next(2)}"))).ToList();
            var room = draw.Next(0, 40);
            var oneByOne = new List<string>();
            var left = room;
            foreach (var (_, claim, _) in waiting)
            {
                if (claim.Spec.PrefixLength > left) continue;
                left -= claim.Spec.PrefixLength!.Value;
                oneByOne.Add(claim.Uid);
            }

            var groups = new WaitingGroups<IPClaim>();
            foreach (var (age, claim, said) in waiting.OrderBy(_ => draw.Next())) groups.Put(SpaceWish.Of(claim), said, age, claim);
            var (served, told) = Pass(groups, room);

            Assert.Equal(oneByOne, served);
            var others = waiting.Where(each => !oneByOne.Contains(each.Claim.Uid)).ToList();
            Assert.Subset(told.ToHashSet(), others.Where(static each => each.Said != Refusal("0")).Select(static each => each.Claim.Uid).ToHashSet());
            Assert.True(told.Count <= others.Count(static each => each.Said != Refusal("0")) + 6, "somebody is looked at for nothing");
        }
    }

    [Fact]
    public void One_look_is_enough_for_ten_thousand_who_ask_for_the_same_in_vain()
    {
        var groups = new WaitingGroups<IPClaim>();
        for (var i = 0; i < 10_000; i++) groups.Put(SpaceWish.Of(Waiting(i, wants: 6)), Refusal("0"), Age(i), Waiting(i, wants: 6));
        groups.Put(SpaceWish.Of(Waiting(10_000, wants: 5)), Refusal("0"), Age(10_000), Waiting(10_000, wants: 5));

        var (served, told) = Pass(groups, room: 5);

        Assert.Equal([Uid(10_000)], served);
        Assert.Equal([Uid(0)], told);
    }

    [Fact]
    public void Who_is_served_may_go_at_once_and_so_may_others()
    {
        var groups = new WaitingGroups<IPClaim>();
        for (var i = 0; i < 5; i++) groups.Put(SpaceWish.Of(Waiting(i, wants: 1)), null, Age(i), Waiting(i, wants: 1));
        var order = new ServingOrder<IPClaim>(groups.All);
        List<string> served = [];

        while (order.TryNext(out var claim))
        {
            served.Add(claim.Uid);
            groups.Remove(claim.Uid);
            groups.Remove(Uid(3));
            order.Answered(refusal: null);
        }

        Assert.Equal([Uid(0), Uid(1), Uid(2), Uid(4)], served);
        Assert.Equal(0, groups.Count);
        Assert.Empty(groups.All);
    }

    [Fact]
    public void Who_says_something_else_is_in_another_group_and_nobody_is_in_two()
    {
        var groups = new WaitingGroups<IPClaim>();
        groups.Put(SpaceWish.Of(Waiting(0, wants: 1)), null, Age(0), Waiting(0, wants: 1));
        groups.Put(SpaceWish.Of(Waiting(1, wants: 1)), null, Age(1), Waiting(1, wants: 1));

        groups.Put(SpaceWish.Of(Waiting(0, wants: 1)), Refusal("0"), Age(0), Waiting(0, wants: 1));

        Assert.Equal([null, Refusal("0")], groups.All.OrderByDescending(static group => group.Oldest.Age).Select(static group => group.Said));
        Assert.Equal(2, groups.Count);
    }

    /// <summary>Gives out what there is: who was served, and who was looked at and told that there is not enough.</summary>
    static (List<string> Served, List<string> Told) Pass(WaitingGroups<IPClaim> groups, int room)
    {
        var order = new ServingOrder<IPClaim>(groups.All);
        (List<string> Served, List<string> Told) passed = ([], []);
        while (order.TryNext(out var claim))
        {
            var isServed = order.Refusal is null && claim.Spec.PrefixLength <= room;
            if (isServed) room -= claim.Spec.PrefixLength!.Value;
            (isServed ? passed.Served : passed.Told).Add(claim.Uid);
            order.Answered(isServed ? null : Refusal("0"));
        }

        return passed;
    }

    static string Uid(int i) => $"{i:x12}";

    static WaitingAge Age(int i) => new(VirtualTime.Start, Arrival: i / 2, Uid(i));

    static Finding Refusal(string message) => new(ConditionTypes.Allocated, ConditionStatus.False, Reasons.PoolExhausted, message);

    static IPClaim Waiting(int i, int wants) => new() { Metadata = new() { Name = $"c{i}", Namespace = "default", Uid = Uid(i) }, Spec = new() { PoolRef = new() { Name = "p" }, PrefixLength = wants } };
}
