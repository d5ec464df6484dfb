using System.Collections.Concurrent;
using System.Net;
using Federation.ApiServer;
using Federation.Tests.Hub;

namespace Federation.Tests.Load;

/// <summary>What waits is bounded, and nobody waits longer than those who came before.</summary>
public sealed class QueueTests
{
    const string Body = """{"kind":"IPClaim","apiVersion":"ipam.federation.io/v1alpha1","metadata":{"name":"NAME"},"spec":{"poolRef":{"name":"p"} } }""";

    [Fact]
    public async Task A_write_too_many_is_refused_with_a_time_to_come_back_and_the_others_are_answered()
    {
        const int queue = 8;
        await using var hub = await TestHub.StartAsync(queue: queue);
        await hub.PoolAsync("p", "10.0.0.0/24");
        using var writer = new ManualResetEventSlim();
        var held = hub.Store.WriteOwnAsync("test", _ => writer.Wait(Limits.Longest), Limits.Cancel);

        var claims = Enumerable.Range(0, 4 * queue).Select(number => ClaimAsync(hub, $"c{number}")).ToList();
        while (claims.Count(static claim => claim.IsCompleted) < 3 * queue) await Task.WhenAny(claims.Where(static claim => !claim.IsCompleted)).Within();
        var refused = claims.Where(static claim => claim.IsCompleted).ToList();
        foreach (var claim in refused)
        {
            using var answer = await claim;
            Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta));
        }

        writer.Set();
        Assert.True(await held.Within());
        foreach (var claim in claims.Except(refused))
        {
            using var answer = await claim.Within();
            Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
        }

        (await hub.CreateAsync(Body.Replace("NAME", "later", StringComparison.Ordinal))).Created();
        Assert.True(hub.Store.IsServing);
    }

    [Fact]
    public async Task The_hub_s_own_writes_wait_for_room_and_are_not_refused()
    {
        await using var hub = await TestHub.StartAsync(queue: 1);
        using var writer = new ManualResetEventSlim();
        var began = new TaskCompletionSource();
        var held = hub.Store.WriteOwnAsync("test", _ =>
        {
            began.SetResult();
            return writer.Wait(Limits.Longest);
        }, Limits.Cancel);
        await began.Task.Within();

        var own = Enumerable.Range(0, 4).Select(number => hub.Store.WriteOwnAsync("hub", transaction => transaction.Put(new Federation.Resources.Edge { Metadata = new() { Name = $"own-{number}", Uid = $"{number}" } }), Limits.Cancel)).ToList();
        Assert.All(own, static write => Assert.False(write.IsCompleted));
        Assert.Equal(429, (await Assert.ThrowsAsync<ApiException>(() => hub.Store.WriteAsync("test", static _ => true, Limits.Cancel).Within())).Status.Code);

        writer.Set();
        await held.Within();
        await Task.WhenAll(own).Within();
        Assert.True(hub.Store.IsServing);
    }

    [Fact]
    public async Task Writes_are_made_in_the_order_they_were_asked_for()
    {
        await using var hub = await TestHub.StartAsync();
        ConcurrentQueue<int> made = new();

        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(number => hub.Store.WriteAsync("test", _ =>
        {
            made.Enqueue(number);
            return number;
        }, Limits.Cancel))).Within();

        Assert.Equal(Enumerable.Range(0, 2_000), made);
    }

    static Task<HttpResponseMessage> ClaimAsync(TestHub hub, string name) => hub.Http.PostAsync(
        new Uri("/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims", UriKind.Relative),
        new StringContent(Body.Replace("NAME", name, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json"));
}
