using Federation.Resources;
using Federation.Tests.Hub;

namespace Federation.Tests.Load;

/// <summary>Many callers at once, each sending its next request when the last is answered.</summary>
public sealed class CallerTests
{
    const int Callers = 64;
    const int Each = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(Callers)]
    public async Task No_caller_is_left_behind(int pools)
    {
        await using var hub = await TestHub.StartAsync();
        for (var pool = 0; pool < pools; pool++) await hub.PoolAsync($"p{pool}", $"10.{pool}.0.0/16");
        var answered = new int[Callers];
        var least = int.MaxValue;

        var claims = (await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            List<string> blocks = [];
            for (var turn = 0; turn < Each; turn++)
            {
                var claim = await hub.ClaimAsync($"c-{caller}-{turn}", $$"""{"poolRef":{"name":"p{{caller % pools}}"} }""");
                Assert.Equal("Bound", claim.Phase);
                blocks.Add(claim.Block!);
                Interlocked.Increment(ref answered[caller]);
            }

            InterlockedMin(ref least, answered.Min());
            return blocks;
        })).Within()).SelectMany(static blocks => blocks).ToList();

        Assert.Equal(Callers * Each, claims.Distinct().Count());
        Assert.True(least > 0, "a caller was through before another had a single answer");
    }

    [Fact]
    public async Task Those_who_wait_for_one_pool_are_no_reason_for_others_to_wait()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("full", "10.0.0.0/32");
        await hub.PoolAsync("roomy", "10.1.0.0/16");
        await hub.ClaimAsync("holder", """{"poolRef":{"name":"full"}}""");
        await Task.WhenAll(Enumerable.Range(0, 300).Select(number => hub.ClaimAsync($"waits-{number:000}", """{"poolRef":{"name":"full"}}"""))).Within();

        var answered = await Task.WhenAll(Enumerable.Range(0, Callers).Select(number => hub.ClaimAsync($"served-{number}", """{"poolRef":{"name":"roomy"}}"""))).Within();

        Assert.All(answered, static claim => Assert.Equal("Bound", claim.Phase));
        Assert.Equal(300, hub.Store.Current.All<IPClaim>().Count(static claim => !claim.IsBound()));
    }

    static void InterlockedMin(ref int place, int value)
    {
        for (var seen = Volatile.Read(ref place); value < seen; seen = Volatile.Read(ref place)) Interlocked.CompareExchange(ref place, value, seen);
    }
}
