using System.Text;
using Federation.E2E;

namespace Federation.Benchmarks;

/// <summary>
/// Claims a second over a real socket, each answered after its commit is on disk, beside what the same client gets from a
/// server that only echoes, and what the disk does when every write waits for itself. Each round measures all of them one
/// after the other; what is printed is the median of the rounds, for the machines are shared.
/// </summary>
static class ClaimBench
{
    const double FsyncFactorMin = 20;
    const double EchoShareMin = 0.5;

    /// <summary>Until the runtime has compiled what is hot: with fewer, its compiler is what is measured.</summary>
    const int Warm = 20_000;

    /// <param name="only">So many callers alone, as for a profile; null for all.</param>
    public static async Task RunAsync(bool isShort, int? only)
    {
        using var folder = new TemporaryFolder();
        using var hub = await ChildProcess.HubAsync(folder.Path);
        await RunAsync("Hub: durable claims over HTTP", hub, folder.Path, isShort, only);
    }

    /// <summary>The same with a PostgreSQL server of its own on the same machine, which has the same cores.</summary>
    public static async Task RunOnPostgresAsync(bool isShort, int? only)
    {
        using var folder = new TemporaryFolder();
        await using var server = await PostgresServer.StartAsync(TimeProvider.System, CancellationToken.None, onDisk: true);
        var file = Path.Combine(folder.Path, "connection");
        await File.WriteAllTextAsync(file, server.Connection("postgres"));
        using var hub = await ChildProcess.HubAsync(file, "--database-file");
        await RunAsync("Hub on PostgreSQL: durable claims over HTTP", hub, folder.Path, isShort, only);
    }

    static async Task RunAsync(string title, ChildProcess hub, string probed, bool isShort, int? only)
    {
        Report.Title(title);
        Report.Header("callers", "create/s", "delete/s", "create + delete/s", "create p50 ms", "create p99 ms", "echo/s", "fsync/s", "create to echo", "create to fsync", "hub CPU µs", "echo CPU µs", "goal");
        using var disk = new DiskProbe(probed);
        using var echo = await ChildProcess.EchoAsync();
        await BenchClaims.MakePoolAsync(hub.Address);
        await WarmAsync(hub, echo, isShort ? Warm / 2 : Warm);
        foreach (var callers in only is { } chosen ? [chosen] : new[] { 1, 16, 64 }) await RunAsync(hub, echo, disk, callers, rounds: isShort ? 3 : 7, (isShort ? 3_000 : 10_000) / (callers == 1 ? 4 : 1));
    }

    static async Task WarmAsync(ChildProcess hub, ChildProcess echo, int count)
    {
        using var claims = new Load(hub.Address, 64);
        using var raw = new Load(echo.Address, 64);
        await BenchClaims.CreateAsync(claims, "warm", count);
        await BenchClaims.DeleteAsync(claims, "warm", count);
        await EchoAsync(raw, count);
    }

    static async Task RunAsync(ChildProcess hub, ChildProcess echo, DiskProbe disk, int callers, int rounds, int count)
    {
        using var claims = new Load(hub.Address, callers);
        using var raw = new Load(echo.Address, callers);
        List<Round> measured = [];
        for (var i = 0; i < rounds; i++) measured.Add(await RoundAsync(hub, echo, disk, claims, raw, $"c{callers}-{i}", count));

        double Median(Func<Round, double> of) => Report.Median(measured.Select(of));
        var (toEcho, toFsync) = (Median(static round => round.Created / round.Echoed), Median(static round => round.Created / round.Synced));
        Report.Row(callers, Rate(Median(static round => round.Created)), Rate(Median(static round => round.Deleted)), Rate(Median(static round => round.Cycled)),
            Report.Number(Median(static round => round.P50), "F2"), Report.Number(Median(static round => round.P99), "F2"), Rate(Median(static round => round.Echoed)), Rate(Median(static round => round.Synced)),
            Report.Number(toEcho, "P0"), Report.Number(toFsync, "F1"), Report.Number(Median(static round => round.HubCpu), "F0"), Report.Number(Median(static round => round.EchoCpu), "F0"),
            callers < 64 ? "-" : $"echo {Report.Goal(toEcho >= EchoShareMin)}, fsync {Report.Goal(toFsync >= FsyncFactorMin)}");
    }

    static async Task<Round> RoundAsync(ChildProcess hub, ChildProcess echo, DiskProbe disk, Load claims, Load raw, string prefix, int count)
    {
        var synced = disk.SyncsPerSecond();
        var echoTime = echo.ProcessorTime;
        var echoed = (await EchoAsync(raw, count)).PerSecond;
        var (echoCpu, hubTime) = (echo.ProcessorTime - echoTime, hub.ProcessorTime);
        var (created, ticks) = await BenchClaims.CreateAsync(claims, prefix, count);
        var hubCpu = hub.ProcessorTime - hubTime;
        var deleted = (await BenchClaims.DeleteAsync(claims, prefix, count)).PerSecond;
        var cycled = (await claims.RunAsync(count / 2, i => [BenchClaims.Create($"{prefix}y", i), BenchClaims.Delete($"{prefix}y", i)])).PerSecond;
        return new(created, deleted, cycled, echoed, synced, Report.Percentile(ticks, 0.5) / 1000, Report.Percentile(ticks, 0.99) / 1000,
            hubCpu.TotalMicroseconds / count, echoCpu.TotalMicroseconds / count);
    }

    static Task<(double PerSecond, long[] Ticks)> EchoAsync(Load raw, int count) => raw.RunAsync(count, static i => Load.Post("/", BenchClaims.Body("echo", i)));

    static string Rate(double perSecond) => Report.Number(perSecond, "N0");

    /// <summary>One round: rates by the second, times in ms, processor time of a server for one request in µs.</summary>
    sealed record Round(double Created, double Deleted, double Cycled, double Echoed, double Synced, double P50, double P99, double HubCpu, double EchoCpu);
}

/// <summary>The claims of all benchmarks, and the pool they are of.</summary>
static class BenchClaims
{
    public const string Path = "/apis/ipam.federation.io/v1alpha1/namespaces/bench/ipclaims";

    public static async Task MakePoolAsync(Uri hub)
    {
        using var load = new Load(hub, 1);
        await load.RunAsync(1, static _ => Pool("bench", "10.0.0.0/8"));
    }

    public static HttpRequestMessage Pool(string name, string cidr) =>
        Load.Post("/apis/ipam.federation.io/v1alpha1/ippools", Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"{{name}}"},"spec":{"cidr":"{{cidr}}"} }"""));

    public static Task<(double PerSecond, long[] Ticks)> CreateAsync(Load load, string prefix, int count) => load.RunAsync(count, i => Create(prefix, i));

    public static Task<(double PerSecond, long[] Ticks)> DeleteAsync(Load load, string prefix, int count) => load.RunAsync(count, i => Delete(prefix, i));

    public static HttpRequestMessage Create(string prefix, int number, string pool = "bench") => Load.Post(Path, Body(prefix, number, pool));

    public static HttpRequestMessage Delete(string prefix, int number) => new(HttpMethod.Delete, $"{Path}/{prefix}-{number}");

    public static byte[] Body(string prefix, int number, string pool = "bench") => Encoding.UTF8.GetBytes(
        $$"""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"name":"{{prefix}}-{{number}}","namespace":"bench"},"spec":{"poolRef":{"name":"{{pool}}"},"prefixLength":28} }""");
}
