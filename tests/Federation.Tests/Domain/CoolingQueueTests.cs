using Federation.Domain.Addressing;

namespace Federation.Tests.Domain;

public sealed class CoolingQueueTests
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Blocks_come_due_by_time_and_in_order_of_arrival_among_equals()
    {
        var queue = new CoolingQueue();
        foreach (var (block, seconds) in new[] { ("10.0.3.0/24", 30), ("10.0.9.0/24", 10), ("10.0.1.0/24", 10), ("10.0.2.0/24", 20) }) queue.Add(Resting(block, seconds));

        Assert.Equal(Start.AddSeconds(10), queue.NextDue);
        Assert.Empty(queue.Due(Start.AddSeconds(9.999)));
        Assert.Equal(["10.0.9.0/24", "10.0.1.0/24"], Names(queue.Due(Start.AddSeconds(10))));
        Assert.Equal(["10.0.9.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"], Names(queue.Due(Start.AddDays(1))));
    }

    [Fact]
    public void Asking_what_is_due_changes_nothing_and_what_is_removed_rests_no_more()
    {
        var queue = new CoolingQueue();
        queue.Add(Resting("10.0.1.0/24", seconds: 10));
        queue.Add(Resting("10.0.2.0/24", seconds: 20));
        var due = queue.Due(Start.AddSeconds(10));

        var removed = queue.Remove(due[0].Block);

        Assert.True(removed);
        Assert.False(queue.Remove(due[0].Block));
        Assert.Equal(1, queue.Count);
        Assert.Equal(Start.AddSeconds(20), queue.NextDue);
        Assert.Equal("lease east-0", due[0].Holder.Owner);
    }

    [Fact]
    public void A_block_that_rested_may_rest_again()
    {
        var queue = new CoolingQueue();
        queue.Add(Resting("10.0.1.0/24", seconds: 10));
        queue.Remove(Cidr.Parse("10.0.1.0/24"));

        queue.Add(Resting("10.0.1.0/24", seconds: 5));

        Assert.Equal(Start.AddSeconds(5), queue.NextDue);
        Assert.Null(new CoolingQueue().NextDue);
    }

    static CoolingBlock Resting(string block, int seconds) => new(Cidr.Parse(block), new(HoldKind.Cooling, "lease east-0"), Start.AddSeconds(seconds));

    static IEnumerable<string> Names(IEnumerable<CoolingBlock> blocks) => blocks.Select(static resting => resting.Block.ToString());
}
