using Federation.Kubernetes;

namespace Federation.Tests.Kubernetes;

public sealed class WorkQueueTests : IDisposable
{
    readonly VirtualTime time = new();
    readonly WorkQueue<string> queue;

    public WorkQueueTests() => queue = new(time, static () => 0.5);

    public void Dispose() => queue.Dispose();

    [Fact]
    public async Task Keys_come_out_once_each_in_the_order_they_went_in()
    {
        foreach (var key in (string[])["b", "a", "b", "c", "a"]) Assert.True(queue.Add(key));

        Assert.Equal(3, queue.Count);
        Assert.Equal(["b", "a", "c"], [await TakeAsync(), await TakeAsync(), await TakeAsync()]);
    }

    [Fact]
    public async Task A_key_added_while_it_is_worked_on_comes_back_when_that_is_done()
    {
        queue.Add("a");
        await TakeAsync();

        queue.Add("a");
        var again = queue.TakeAsync(default);
        Assert.False(again.IsCompleted);

        queue.Done("a");
        Assert.Equal("a", await again.Within());
    }

    [Fact]
    public async Task A_key_that_nobody_added_meanwhile_does_not_come_back()
    {
        queue.Add("a");
        queue.Done(await TakeAsync());

        Assert.Equal(0, queue.Count);
        Assert.False(queue.TakeAsync(default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_key_done_with_a_delay_comes_back_after_it()
    {
        queue.Add("a");
        queue.Done(await TakeAsync(), again: TimeSpan.FromSeconds(30));

        time.Advance(TimeSpan.FromSeconds(29));
        var taken = queue.TakeAsync(default);
        Assert.False(taken.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", await taken.Within());
    }

    [Fact]
    public async Task A_key_whose_turn_comes_too_often_waits_and_others_do_not()
    {
        for (var turn = 0; turn < WorkQueue<string>.TurnsMax; turn++)
        {
            queue.Add("fought over");
            queue.Done(await TakeAsync());
        }

        time.Advance(WorkQueue<string>.TurnsWithin / 2);
        queue.Add("fought over");
        queue.Add("other");

        Assert.Equal("other", await TakeAsync());
        Assert.Equal((0, 1), (queue.Count, queue.DelayedCount));

        time.Advance(WorkQueue<string>.TurnsWithin / 2);

        Assert.Equal("fought over", await TakeAsync());
    }

    [Theory]
    [InlineData(3, 7)]
    [InlineData(7, 3)]
    public void Of_two_delays_the_one_that_ends_first_counts(int one, int other)
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(one));
        queue.AddAfter("a", TimeSpan.FromSeconds(other));

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal((1, 0), (queue.Count, queue.DelayedCount));
    }

    [Fact]
    public async Task Delayed_keys_come_in_order_of_their_time_then_of_their_coming()
    {
        queue.AddAfter("late", TimeSpan.FromSeconds(2));
        queue.AddAfter("x", TimeSpan.FromSeconds(1));
        queue.AddAfter("y", TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["x", "y", "late"], [await TakeAsync(), await TakeAsync(), await TakeAsync()]);
    }

    [Fact]
    public void A_key_that_fails_waits_longer_each_time_up_to_the_cap_until_it_is_forgotten()
    {
        foreach (var milliseconds in (int[])[50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]) Fails(milliseconds);

        queue.Forget("a");

        Fails(50);
    }

    [Theory]
    [InlineData(0.0, 45)]
    [InlineData(1.0, 55)]
    public void Chance_spreads_a_delay_by_a_tenth(double drawn, int milliseconds) =>
        Assert.Equal(milliseconds, new Backoff().Delay(1, drawn).TotalMilliseconds, precision: 6);

    [Fact]
    public void No_delay_is_longer_than_the_cap_however_many_failures_and_whatever_is_drawn()
    {
        foreach (var failures in (int[])[1, 5, 8, 9, 100, int.MaxValue])
        {
            Assert.InRange(new Backoff().Delay(failures, 1.0), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void A_full_queue_says_so_and_keeps_what_it_has()
    {
        var small = new WorkQueue<string>(time, static () => 0.5, keysMax: 2);

        Assert.True(small.Add("a"));
        Assert.True(small.Add("b"));
        Assert.False(small.Add("c"));
        Assert.True(small.Add("a"));
        Assert.Equal(2, small.Count);
    }

    [Fact]
    public async Task Delayed_keys_wait_for_room_rather_than_being_lost()
    {
        var small = new WorkQueue<string>(time, static () => 0.5, keysMax: 1);
        small.Add("a");
        small.AddAfter("b", TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((1, 1), (small.Count, small.DelayedCount));

        await small.TakeAsync(default).Within();
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 0), (small.Count, small.DelayedCount));
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_takes_no_key_with_it()
    {
        using var cancel = new CancellationTokenSource();
        var taken = queue.TakeAsync(cancel.Token);

        cancel.Cancel();
        queue.Add("a");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taken.Within());
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Workers_that_wait_are_served_in_the_order_they_came()
    {
        var first = queue.TakeAsync(default);
        var second = queue.TakeAsync(default);

        queue.Add("a");
        queue.Add("b");

        Assert.Equal(("a", "b"), (await first.Within(), await second.Within()));
    }

    [Fact]
    public async Task Whatever_happens_no_key_is_with_two_workers_and_none_is_lost()
    {
        for (var seed = 0; seed < 50; seed++) await RunRandomlyAsync(new Random(seed));
    }

    async Task RunRandomlyAsync(Random random)
    {
        var busy = new WorkQueue<int>(time, random.NextDouble);
        HashSet<int> held = [];
        HashSet<int> wanted = [];
        for (var step = 0; step < 500; step++)
        {
            var key = random.Next(8);
            switch (random.Next(5))
            {
                case 0:
                    wanted.Add(key);
                    busy.Add(key);
                    break;
                case 1:
                    wanted.Add(key);
                    busy.AddAfter(key, TimeSpan.FromMilliseconds(random.Next(100)));
                    break;
                case 2 when busy.Count > 0:
                    var taken = await busy.TakeAsync(default).Within();
                    Assert.True(held.Add(taken));
                    wanted.Remove(taken);
                    break;
                case 3 when held.Remove(key):
                    if (random.Next(2) == 0 && wanted.Add(key)) busy.Retry(key);
                    busy.Done(key);
                    break;
                default:
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(60)));
                    break;
            }
        }

        foreach (var key in held.Order()) busy.Done(key);
        time.Advance(TimeSpan.FromMinutes(1));
        while (busy.Count > 0) wanted.Remove(await busy.TakeAsync(default).Within());
        Assert.Empty(wanted);
    }

    /// <summary>Fails once, and checks that the key comes back after this long and no sooner.</summary>
    void Fails(int milliseconds)
    {
        queue.Retry("a");
        time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.Equal(0, queue.Count);

        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, queue.Count);
        queue.Done(queue.TakeAsync(default).AsTask().GetAwaiter().GetResult());
    }

    Task<string> TakeAsync() => queue.TakeAsync(default).Within();
}
