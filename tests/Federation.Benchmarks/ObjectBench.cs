using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Federation.Benchmarks;

/// <summary>A hub with many objects: what lists cost, what watchers cost others, what memory and a start take.</summary>
static class ObjectBench
{
    const int Watchers = 1_000;

    public static async Task RunAsync(int objects)
    {
        Report.Title(string.Create(CultureInfo.InvariantCulture, $"Hub with {objects:N0} claims and as many allocations"));
        var folder = Directory.CreateTempSubdirectory("federation-bench-");
        try
        {
            Report.Header("what", "value");
            using (var hub = await ChildProcess.HubAsync(folder.FullName)) await FillAndMeasureAsync(hub, objects);
            var started = Stopwatch.GetTimestamp();
            using var again = await ChildProcess.HubAsync(folder.FullName);
            Report.Row("start until ready, s", Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("F1", CultureInfo.InvariantCulture));
            Report.Row("memory after the start, MiB", again.MemoryMiB);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task FillAndMeasureAsync(ChildProcess hub, int objects)
    {
        using var load = new Load(hub.Address, 64);
        await BenchClaims.MakePoolAsync(hub.Address);
        var (perSecond, _) = await load.RunAsync(objects, static i => BenchClaims.Create("o", i));
        Report.Row("claims/s while filling", perSecond.ToString("N0", CultureInfo.InvariantCulture));
        Report.Row("memory, MiB", hub.MemoryMiB);

        var started = Stopwatch.GetTimestamp();
        var bytes = (await load.ReadAsync(BenchClaims.Path)).Length;
        Report.Row("list of all, s", $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F2} ({bytes >> 20} MiB)");
        started = Stopwatch.GetTimestamp();
        await load.ReadAsync($"{BenchClaims.Path}?limit=500");
        Report.Row("first page of 500, ms", Stopwatch.GetElapsedTime(started).TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture));

        using var few = new Load(hub.Address, 4);
        var (_, alone) = await few.RunAsync(400, static i => BenchClaims.Create("alone", i));
        await WithWatchersAsync(hub.Address, await VersionAsync(few), async () =>
        {
            var (_, watched) = await few.RunAsync(400, static i => BenchClaims.Create("watched", i));
            Report.Row($"claim p99 at 4 callers, ms: alone / with {Watchers} watchers of all claims", $"{Report.Percentile(alone, 0.99) / 1000:F1} / {Report.Percentile(watched, 0.99) / 1000:F1}");
        });
    }

    static async Task<string> VersionAsync(Load load) =>
        JsonDocument.Parse(await load.ReadAsync($"{BenchClaims.Path}?limit=1")).RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;

    static async Task WithWatchersAsync(Uri server, string version, Func<Task> work)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Watchers }) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        using var stop = new CancellationTokenSource();
        var open = await Task.WhenAll(Enumerable.Range(0, Watchers).Select(_ => http.GetStreamAsync(new Uri($"{BenchClaims.Path}?watch=true&resourceVersion={version}", UriKind.Relative), stop.Token)));
        var reading = open.Select(stream => stream.CopyToAsync(Stream.Null, stop.Token)).ToList();
        await work();
        await stop.CancelAsync();
        await Task.WhenAll(reading).ContinueWith(static _ => { }, TaskScheduler.Default);
        foreach (var stream in open) await stream.DisposeAsync();
    }
}
