using System.Net.Sockets;
using System.Text;
using Federation.Tests.Hub;
using Federation.Tests.Telemetry;

namespace Federation.Tests.Load;

/// <summary>Clients that send half, read nothing or just stay: the others do not notice.</summary>
public sealed class ConnectionTests
{
    const string Path = "/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims";

    /// <summary>A watch that names no time lasts at least half an hour.</summary>
    static readonly TimeSpan WatchMin = TimeSpan.FromMinutes(25);

    static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_client_that_sends_half_a_request_holds_nobody_up_and_may_send_the_rest()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/16");
        List<RawClient> halves = [];
        for (var number = 0; number < 50; number++)
        {
            var request = RawClient.Post(Path, Claim($"half-{number}"));
            var client = await RawClient.ConnectAsync(hub.Http.BaseAddress!);
            await client.SendAsync(number % 2 == 0 ? request[..40] : request[..^20]);
            halves.Add(client);
        }

        for (var number = 0; number < 20; number++) await hub.ClaimAsync($"whole-{number}", """{"poolRef":{"name":"p"}}""");

        await halves[0].SendAsync(RawClient.Post(Path, Claim("half-0"))[40..]);
        Assert.StartsWith("HTTP/1.1 201", await halves[0].ReadLineAsync().Within(), StringComparison.Ordinal);
        await halves[1].SendAsync(RawClient.Post(Path, Claim("half-1"))[^20..]);
        Assert.StartsWith("HTTP/1.1 201", await halves[1].ReadLineAsync().Within(), StringComparison.Ordinal);
        foreach (var client in halves) client.Dispose();
    }

    [Fact]
    public async Task Idle_connections_cost_the_others_nothing_and_stay_of_use()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/16");
        List<RawClient> idle = [];
        for (var number = 0; number < 500; number++) idle.Add(await RawClient.ConnectAsync(hub.Http.BaseAddress!));

        for (var number = 0; number < 20; number++) await hub.ClaimAsync($"c-{number}", """{"poolRef":{"name":"p"}}""");

        foreach (var number in new[] { 0, 250, 499 })
        {
            await idle[number].SendAsync(RawClient.Post(Path, Claim($"idle-{number}")));
            Assert.StartsWith("HTTP/1.1 201", await idle[number].ReadLineAsync().Within(), StringComparison.Ordinal);
        }

        foreach (var client in idle) client.Dispose();
    }

    [Fact]
    public async Task A_watcher_that_reads_nothing_is_cut_off_and_holds_nobody_up()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        var bulk = new string('x', 200_000);
        for (var number = 0; number < 80; number++)
        {
            (await hub.CreateAsync($$"""{"kind":"IPPool","metadata":{"name":"p{{number}}","annotations":{"bulk":"{{bulk}}"} },"spec":{"cidr":"10.{{number}}.0.0/16"} }""")).Created();
        }

        using var deaf = await RawClient.ConnectAsync(hub.Http.BaseAddress!);
        await deaf.SendAsync(Encoding.ASCII.GetBytes("GET /apis/ipam.federation.io/v1alpha1/ippools?watch=true HTTP/1.1\r\nHost: hub\r\n\r\n"));
        while (await WatchesAsync(hub) == 0) await hub.ClaimAsync($"c-{Guid.CreateVersion7()}", """{"poolRef":{"name":"p0"}}""");

        var passed = TimeSpan.Zero;
        for (; await WatchesAsync(hub) > 0 && passed < WatchMin; passed += Step)
        {
            time.Advance(Step);
            await hub.ClaimAsync($"c-{Guid.CreateVersion7()}", """{"poolRef":{"name":"p0"}}""");
        }

        Assert.True(passed < WatchMin, "the watch lasted as long as one that is read");
    }

    static async Task<double> WatchesAsync(TestHub hub) => Exposition.Read((await hub.SendAsync("GET", "/metrics")).Text).Sum("federation_api_watch_count", ("resource", "ippools"));

    static string Claim(string name) => $$"""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"name":"{{name}}"},"spec":{"poolRef":{"name":"p"} } }""";

    /// <summary>HTTP by hand.</summary>
    sealed class RawClient : IDisposable
    {
        readonly TcpClient tcp = new();

        public static async Task<RawClient> ConnectAsync(Uri server)
        {
            var client = new RawClient();
            await client.tcp.ConnectAsync(server.Host, server.Port).Within();
            return client;
        }

        public static byte[] Post(string path, string json) =>
            Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}");

        public Task SendAsync(byte[] bytes) => tcp.GetStream().WriteAsync(bytes, Limits.Cancel).AsTask();

        public async Task<string> ReadLineAsync()
        {
            using var reader = new StreamReader(tcp.GetStream(), leaveOpen: true);
            return await reader.ReadLineAsync(Limits.Cancel) ?? "";
        }

        public void Dispose() => tcp.Dispose();
    }
}
