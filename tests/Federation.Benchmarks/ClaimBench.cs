using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Federation.Benchmarks;

/// <summary>
/// Claims a second over a real socket, each answered after its commit is on disk, beside what the same client gets from a
/// server that only echoes, and what the disk does when every write waits for itself.
/// </summary>
static class ClaimBench
{
    const string Claims = "/apis/ipam.federation.io/v1alpha1/namespaces/bench/ipclaims";
    const double FsyncFactorMin = 20;
    const double EchoShareMin = 0.5;

    public static async Task RunAsync(bool isShort)
    {
        Report.Title("Hub: durable claims over HTTP");
        var folder = Directory.CreateTempSubdirectory("federation-bench-");
        try
        {
            var fsync = FsyncRate(folder.FullName);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one write and fsync after the other: {fsync:F0} a second\n"));
            Report.Header("callers", "create/s", "delete/s", "create + delete/s", "create p50 ms", "create p99 ms", "echo/s", "create to echo", "create to fsync", "goal");
            using var hub = await ChildProcess.HubAsync(folder.FullName);
            using var echo = await ChildProcess.EchoAsync();
            using (var setup = new Load(hub.Address, 1)) await setup.RunAsync(1, static _ => Load.Post("/apis/ipam.federation.io/v1alpha1/ippools", """{"metadata":{"name":"bench"},"spec":{"cidr":"10.0.0.0/8"}}"""u8.ToArray()));
            foreach (var callers in new[] { 1, 16, 64 }) await RunAsync(hub.Address, echo.Address, callers, (isShort ? 4_000 : 20_000) / (callers == 1 ? 4 : 1), fsync);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task RunAsync(Uri hub, Uri echo, int callers, int count, double fsync)
    {
        using var claims = new Load(hub, callers);
        using var raw = new Load(echo, callers);
        await CreateAsync(claims, $"warm{callers}", count / 4);
        await raw.RunAsync(count / 4, static i => Load.Post("/", Body("echo", i)));

        var echoed = (await raw.RunAsync(count, static i => Load.Post("/", Body("echo", i)))).PerSecond;
        var (created, ticks) = await CreateAsync(claims, $"c{callers}", count);
        var echoedAgain = (await raw.RunAsync(count, static i => Load.Post("/", Body("echo", i)))).PerSecond;
        var deleted = (await claims.RunAsync(count, i => new(HttpMethod.Delete, $"{Claims}/c{callers}-{i}"))).PerSecond;
        var cycled = (await claims.RunAsync(count / 2, i => [Load.Post(Claims, Body($"y{callers}", i)), new(HttpMethod.Delete, $"{Claims}/y{callers}-{i}")])).PerSecond;
        var (toEcho, toFsync) = (created / ((echoed + echoedAgain) / 2), created / fsync);
        Report.Row(callers, Rate(created), Rate(deleted), Rate(cycled), Millis(ticks, 0.5), Millis(ticks, 0.99), Rate((echoed + echoedAgain) / 2), toEcho.ToString("P0", CultureInfo.InvariantCulture),
            toFsync.ToString("F1", CultureInfo.InvariantCulture), callers < 64 ? "-" : Report.Goal(toEcho >= EchoShareMin && toFsync >= FsyncFactorMin));
    }

    static Task<(double PerSecond, long[] Ticks)> CreateAsync(Load claims, string prefix, int count) => claims.RunAsync(count, i => Load.Post(Claims, Body(prefix, i)));

    static byte[] Body(string prefix, int number) => Encoding.UTF8.GetBytes(
        $$"""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"name":"{{prefix}}-{{number}}","namespace":"bench"},"spec":{"poolRef":{"name":"bench"},"prefixLength":28} }""");

    static double FsyncRate(string folder)
    {
        const int writes = 300;
        var bytes = new byte[4096];
        using var file = new FileStream(Path.Combine(folder, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < writes; i++)
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        return writes / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    static string Rate(double perSecond) => perSecond.ToString("N0", CultureInfo.InvariantCulture);

    static string Millis(long[] ticks, double share) => (Report.Percentile(ticks, share) / 1000).ToString("F2", CultureInfo.InvariantCulture);
}
