using Federation.Domain.Addressing;
using Federation.Domain.Leases;

namespace Federation.Tests.Domain;

public sealed class WaterMarksTests
{
    static readonly WaterMarks Marks = new();

    [Theory]
    [InlineData(100, 19, null, RoomStep.Grow)]
    [InlineData(100, 20, null, RoomStep.Rest)]
    [InlineData(100, 50, 10, RoomStep.Rest)]
    [InlineData(100, 51, 10, RoomStep.GiveBack)]
    [InlineData(100, 51, null, RoomStep.Rest)]
    [InlineData(100, 60, 50, RoomStep.Rest)]
    [InlineData(100, 70, 50, RoomStep.GiveBack)]
    [InlineData(100, 100, 50, RoomStep.GiveBack)]
    [InlineData(0, 0, null, RoomStep.Rest)]
    public void Room_is_asked_for_below_the_low_mark_and_given_back_above_the_high_one(int total, int free, int? emptiest, RoomStep step)
    {
        Assert.Equal(step, Marks.Next(Count(total), Count(free), emptiest is { } block ? Count(block) : null));
    }

    [Fact]
    public void After_a_block_was_given_back_none_is_asked_for_and_after_one_was_got_none_is_given_back()
    {
        for (var total = 2; total <= 64; total++)
        {
            for (var free = 0; free <= total; free++)
            {
                for (var block = 1; block < total; block++)
                {
                    if (block <= free && Marks.Next(Count(total), Count(free), Count(block)) is RoomStep.GiveBack)
                    {
                        Assert.Equal(RoomStep.Rest, Marks.Next(Count(total - block), Count(free - block), emptiest: null));
                    }

                    if (Marks.Next(Count(total), Count(free), emptiest: null) is RoomStep.Grow)
                    {
                        Assert.NotEqual(RoomStep.GiveBack, Marks.Next(Count(total + block), Count(free + block), Count(block)));
                    }
                }
            }
        }
    }

    static AddressCount Count(int count) => AddressCount.Of((UInt128)count);
}
