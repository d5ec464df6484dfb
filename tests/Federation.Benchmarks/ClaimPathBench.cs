using System.Diagnostics;
using System.Globalization;
using System.Text;
using Federation.ApiServer;
using Federation.Hub;
using Federation.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Benchmarks;

/// <summary>Where the time of a claim goes: the hub's parts in this process, without sockets, with and without a disk.</summary>
static class ClaimPathBench
{
    const int Warm = 5_000;

    public static async Task RunAsync(bool isShort)
    {
        var count = isShort ? 20_000 : 100_000;
        Report.Title("Where the time of a claim goes");
        Report.Header("part", "µs each", "bytes each");
        var body = Body("x", 1);
        var kind = KindInfo.Of<IPClaim>();
        var resource = ResourceJson.Read(body, kind.Type);
        Part("read JSON", count, () => ResourceJson.Read(body, kind.Type));
        Part("validate", count, () => ObjectValidation.Errors(kind, resource));
        Part("write JSON", count, () => ResourceJson.Write(resource));
        Part("collect the fields its maker owns", count, () => FieldTracking.OfNew(kind, resource));
        await StoreAsync("claim in the store, no disk, one caller at a time", new Nowhere(), count / 4, callers: 1);
        await StoreAsync("claim in the store, no disk, 64 callers", new Nowhere(), count, callers: 64);
        var folder = Directory.CreateTempSubdirectory("federation-bench-");
        await using (var storage = SqliteStorage.Open(folder.FullName)) await StoreAsync("claim in the store, SQLite, 64 callers", storage, count, callers: 64);
        folder.Delete(recursive: true);
    }

    static void Part(string name, int count, Func<object> work)
    {
        for (var i = 0; i < Warm; i++) work();
        var (before, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var i = 0; i < count; i++) work();
        Row(name, Stopwatch.GetElapsedTime(started), GC.GetAllocatedBytesForCurrentThread() - before, count);
    }

    static async Task StoreAsync(string name, IObjectStorage storage, int count, int callers)
    {
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders());
        services.AddHub(new HubOptions { Data = "", ApiUrl = new("http://127.0.0.1:0"), GrpcUrl = new("http://127.0.0.1:0") }, storage, TimeProvider.System);
        await using var provider = services.BuildServiceProvider();
        using var stop = new CancellationTokenSource();
        var store = provider.GetRequiredService<ObjectStore>();
        var running = store.RunAsync(stop.Token);
        await store.Loaded;
        var upkeep = provider.GetRequiredService<Upkeep>().RunAsync(stop.Token);
        var api = provider.GetRequiredService<ResourceApi>();
        var options = new WriteOptions("bench", DryRun: false, FieldValidation.Strict);
        await api.CreateAsync(KindInfo.Of<IPPool>(), null, """{"metadata":{"name":"bench"},"spec":{"cidr":"10.0.0.0/8"}}"""u8.ToArray(), options, CancellationToken.None);
        await ClaimsAsync(api, options, "warm", Warm, callers);
        var (before, started) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        await ClaimsAsync(api, options, "c", count, callers);
        Row(name, Stopwatch.GetElapsedTime(started), GC.GetTotalAllocatedBytes() - before, count);
        await stop.CancelAsync();
        await Task.WhenAll(running, upkeep).ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    static Task ClaimsAsync(ResourceApi api, WriteOptions options, string prefix, int count, int callers)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await api.CreateAsync(KindInfo.Of<IPClaim>(), "bench", Body(prefix, i), options, CancellationToken.None);
            }
        }));
    }

    static void Row(string name, TimeSpan took, long bytes, int count) => Report.Row(name, (took.TotalMicroseconds / count).ToString("F2", CultureInfo.InvariantCulture), bytes / count);

    static byte[] Body(string prefix, int number) => Encoding.UTF8.GetBytes(
        $$"""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"name":"{{prefix}}-{{number}}","namespace":"bench"},"spec":{"poolRef":{"name":"bench"},"prefixLength":28} }""");

    /// <summary>A disk that forgets.</summary>
    sealed class Nowhere : IObjectStorage
    {
        public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("nowhere", 1, []));

        public ValueTask CommitAsync(CommitBatch batch) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
