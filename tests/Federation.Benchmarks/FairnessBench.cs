using System.Net.Sockets;
using System.Text;

namespace Federation.Benchmarks;

/// <summary>
/// Whether those who share a hub are answered alike: on one pool and on many, and beside clients that say nothing, half of
/// something, or ask for everything and read none of it.
/// </summary>
static class FairnessBench
{
    const int Callers = 64;
    const int Idle = 10_000;
    const int Halves = 1_000;
    const int Deaf = 100;

    public static async Task RunAsync(bool isShort)
    {
        Report.Title($"Hub: {Callers} callers at once");
        using var folder = new TemporaryFolder();
        using var hub = await ChildProcess.HubAsync(folder.Path);
        using var load = new Load(hub.Address, Callers);
        await load.RunAsync(1, static _ => BenchClaims.Pool("one", "11.0.0.0/8"));
        await load.RunAsync(Callers, static i => BenchClaims.Pool($"many-{i}", $"12.{i}.0.0/16"));
        await load.RunAsync(20_000, static i => BenchClaims.Create("warm", i, "one"));

        var count = isShort ? 10_000 : 30_000;
        Report.Header("claims of", "beside", "claims/s", "p50 ms", "p99 ms", "p99 to p50", "longest ms");
        await MeasureAsync(load, count, "one pool", "nobody", static i => BenchClaims.Create("alone", i, "one"));
        await MeasureAsync(load, count, $"{Callers} pools", "nobody", static i => BenchClaims.Create("apart", i, $"many-{i % Callers}"));
        await BesideAsync(hub.Address, Idle, "", () => MeasureAsync(load, count, "one pool", $"{Idle:N0} idle connections", static i => BenchClaims.Create("idle", i, "one")));
        await BesideAsync(hub.Address, Halves, $"POST {BenchClaims.Path} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{{", () => MeasureAsync(load, count, "one pool", $"{Halves:N0} halves of a request", static i => BenchClaims.Create("half", i, "one")));
        await BesideAsync(hub.Address, Deaf, $"GET {BenchClaims.Path}?watch=true HTTP/1.1\r\nHost: hub\r\n\r\n", () => MeasureAsync(load, count, "one pool", $"{Deaf} watchers of all claims that read nothing", static i => BenchClaims.Create("deaf", i, "one")));
    }

    static async Task MeasureAsync(Load load, int count, string what, string beside, Func<int, HttpRequestMessage> request)
    {
        var (perSecond, ticks) = await load.RunAsync(count, request);
        var (p50, p99) = (Report.Percentile(ticks, 0.5), Report.Percentile(ticks, 0.99));
        Report.Row(what, beside, Report.Number(perSecond, "N0"), Report.Number(p50 / 1000, "F1"), Report.Number(p99 / 1000, "F1"), Report.Number(p99 / p50, "F1"), Report.Number(Report.Percentile(ticks, 1) / 1000, "F1"));
    }

    /// <summary>With so many connections open, on each of which that much was said and nothing is read.</summary>
    static async Task BesideAsync(Uri server, int connections, string said, Func<Task> work)
    {
        List<TcpClient> open = [];
        try
        {
            for (var i = 0; i < connections; i++)
            {
                var client = new TcpClient { ReceiveBufferSize = 4096 };
                open.Add(client);
                await client.ConnectAsync(server.Host, server.Port);
                if (said.Length > 0) await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(said));
            }

            await work();
        }
        finally
        {
            foreach (var client in open) client.Dispose();
        }
    }
}
