using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Federation.Domain.Addressing;
using Federation.E2E;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Benchmarks;

/// <summary>
/// Claims bound on a real kube-apiserver, as its watch shows them, beside what the agent's client gets out of the same server in the same
/// run, in the agent's name, by plain writes: of an allocation, and of a claim's status.
/// </summary>
static class EdgeKubeBench
{
    const string Namespace = "bench";
    const int Writers = 16;
    const double ShareMin = 0.8;
    const double BurstSecondsMax = 10;
    const double SingleMillisMax = 100;
    const double GrowthMax = 1.5;
    const long MemoryMiBMax = 150;

    /// <summary>After which an agent has given back what a burst of work left behind.</summary>
    static readonly TimeSpan RestsAfter = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(bool isShort)
    {
        Report.Title("Edge: claims on a real kube-apiserver");
        if (KubeBinaries.Folder is null)
        {
            Console.WriteLine($"left out: {KubeBinaries.Absent}");
            return;
        }

        using var stop = new CancellationTokenSource();
        await using var topology = await Topology.StartAsync("edge-kube", TimeProvider.System, stop.Token);
        await ClusterSite.EnsureNamespaceAsync(topology.Api, Namespace, stop.Token);
        var world = new CaseWorld(topology, Namespace, TimeProvider.System, stop.Token);
        await world.PoolAsync("bench", "10.0.0.0/9", 16, 32, static pool => pool.LeasedBy(16));
        await world.Site.ClaimedAsync("warm", "bench", 32);
        await HeldAsync(world, "waiting", "10.128.0.0/21");
        await HeldAsync(world, "waiting-alone", "10.129.0.0/21");
        var bound = new Bound(topology.Api);
        _ = bound.RunAsync(stop.Token);

        var burst = isShort ? 1000 : 2000;
        using var client = topology.AgentConnection;
        var raw = new RawWrites(topology, new KubernetesRestClient(client, TimeProvider.System), burst, stop.Token);
        Report.Header("what", "claims", "hub", "seconds", "claims/s", "claims/s by plain writes", "share", "writes and CPU ms a claim", "by plain writes", "p50 ms", "p99 ms", "goal");
        var before = await raw.MeasureAsync();
        await BurstAsync(bound, topology, "burst", burst, "up");
        await SinglesAsync(bound, topology, "single", isShort ? 100 : 300, "up");
        var backlog = await BacklogAsync(bound, topology, "waiting", burst);
        var between = await raw.MeasureAsync();
        Backlog(backlog, "up", before.And(between));

        topology.KillHub();
        await BurstAsync(bound, topology, "alone", burst, "stopped");
        await SinglesAsync(bound, topology, "single-alone", isShort ? 100 : 300, "stopped");
        backlog = await BacklogAsync(bound, topology, "waiting-alone", burst);
        Backlog(backlog, "stopped", between.And(await raw.MeasureAsync()));
        if (!isShort) await FillAsync(bound, topology);
        await stop.CancelAsync();
    }

    /// <summary>A root pool that one claim holds whole, before the claims that wait for it.</summary>
    static async Task HeldAsync(CaseWorld world, string name, string cidr)
    {
        var block = Cidr.Parse(cidr);
        await world.PoolAsync(name, cidr, block.Length, 32, pool => pool.LeasedBy(block.Length));
        await world.Site.ClaimedAsync($"{name}-holder", name, block.Length);
    }

    /// <summary>Claims that wait for room, from the moment it is there: the agent's two writes a claim and little else.</summary>
    static async Task<Cost> BacklogAsync(Bound bound, Topology topology, string pool, int count)
    {
        await EachAsync(count, i => topology.Api.CreateAsync(Claim($"{pool}-{i}", pool), dryRun: false));
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => bound.AnsweredAsync($"{pool}-{i}")));
        return await Cost.OfAsync(count, topology, () => topology.EdgeProcessorTime, async () =>
        {
            await topology.Api.DeleteAsync<IPClaim>(Namespace, $"{pool}-holder");
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => bound.WaitAsync($"{pool}-{i}")));
        });
    }

    /// <summary>Beside the same two writes before and after, by as many writers as the agent has answers on their way, and no agent to look at them.</summary>
    static void Backlog(Cost cost, string hub, Cost plain)
    {
        var share = cost.Rate / plain.Rate;
        Report.Row("backlog", cost.Count, hub, Number(cost.Seconds), Number(cost.Rate), Number(plain.Rate), Report.Number(share, "P0"), cost.EachTook, plain.EachTook, "-", "-", Report.Goal(share >= ShareMin));
    }

    /// <summary>How long so many claims took, how many requests that write, and what of the processors: of the API server and etcd, and of whoever wrote.</summary>
    sealed record Cost(int Count, double Seconds, long Writes, double Servers, double Writer)
    {
        public double Rate => Count / Seconds;

        public string EachTook => $"{Report.Number((double)Writes / Count, "F2")}; {Report.Number(Servers * 1000 / Count, "F1")} + {Report.Number(Writer * 1000 / Count, "F1")}";

        public static async Task<Cost> OfAsync(int count, Topology topology, Func<TimeSpan> writer, Func<Task> act)
        {
            var writes = await topology.Cluster!.WritesAsync();
            var (started, servers, wrote) = (Stopwatch.GetTimestamp(), topology.Cluster.ProcessorTime, writer());
            await act();
            var (seconds, took, own) = (Stopwatch.GetElapsedTime(started).TotalSeconds, topology.Cluster.ProcessorTime - servers, writer() - wrote);
            return new(count, seconds, await topology.Cluster.WritesAsync() - writes, took.TotalSeconds, own.TotalSeconds);
        }

        public Cost And(Cost other) => new(Count + other.Count, Seconds + other.Seconds, Writes + other.Writes, Servers + other.Servers, Writer + other.Writer);
    }

    /// <summary>What the agent's client gets by the two writes a claim takes the agent, and no agent to look at them; once to warm up, then measured.</summary>
    sealed class RawWrites(Topology topology, IKubernetesApi client, int count, CancellationToken cancel)
    {
        int times;

        public async Task<Cost> MeasureAsync()
        {
            topology.KillEdge();
            await PairsAsync(count / 2);
            var cost = await PairsAsync(count);
            await ClusterSite.FreeLockAsync(topology.Api, cancel);
            await topology.RestartEdgeAsync(cancel);
            return cost;
        }

        async Task<Cost> PairsAsync(int many)
        {
            var pool = $"raw-{++times}";
            var claims = new IPClaim[many];
            static Cidr Block(int i) => Cidr.Parse($"11.0.{i / 256}.{i % 256}/32");
            await EachAsync(many, async i => claims[i] = await topology.Api.CreateAsync(Claim($"{pool}-{i}", pool), dryRun: false));
            var cost = await Cost.OfAsync(many, topology, static () => Environment.CpuUsage.TotalTime, () => EachAsync(many, async i =>
            {
                var (claim, block) = (claims[i], Block(i));
                var name = IPAllocation.NameOf(pool, block);
                await client.CreateAsync(new IPAllocation { Metadata = new() { Name = name }, Spec = new() { Cidr = block, PoolRef = new() { Name = pool }, ClaimRef = new() { Namespace = Namespace, Name = claim.Name, Uid = claim.Uid } } }, dryRun: false);
                await client.ReplaceStatusAsync(claim.Bound(block, pool, name, TimeProvider.System.GetUtcNow()), CancellationToken.None);
            }));
            await EachAsync(many, async i =>
            {
                await topology.Api.DeleteAsync<IPClaim>(Namespace, claims[i].Name);
                await topology.Api.DeleteAsync<IPAllocation>(null, IPAllocation.NameOf(pool, Block(i)));
            });
            return cost;
        }
    }

    /// <summary>From nothing to all bound: the claims' own creation, which the webhook looks at, and the watch that tells of them too.</summary>
    static async Task BurstAsync(Bound bound, Topology topology, string prefix, int count, string hub)
    {
        var (seconds, ticks) = await ClaimsAsync(bound, topology.Api, prefix, count, Writers);
        Report.Row("burst", count, hub, Number(seconds), Number(count / seconds), "-", "-", "-", "-", Millis(ticks, 0.5), Millis(ticks, 0.99), Report.Goal(seconds * 1000 / count <= BurstSecondsMax));
    }

    static async Task SinglesAsync(Bound bound, Topology topology, string prefix, int count, string hub)
    {
        var (seconds, ticks) = await ClaimsAsync(bound, topology.Api, prefix, count, writers: 1, waits: true);
        Report.Row("one after the other", count, hub, Number(seconds), Number(count / seconds), "-", "-", "-", "-", Millis(ticks, 0.5), Millis(ticks, 0.99), Report.Goal(Report.Percentile(ticks, 0.99) / 1000 <= SingleMillisMax));
    }

    /// <summary>What a claim costs while there are 100, and while there are 10,000; and what the agent holds in memory then.</summary>
    static async Task FillAsync(Bound bound, Topology topology)
    {
        var before = await SecondsEachAsync(bound, topology, "early");
        await ClaimsAsync(bound, topology.Api, "fill", 10_000 - bound.Count, Writers);
        var after = await SecondsEachAsync(bound, topology, "late");
        var (busy, _) = topology.EdgeMemoryMiB;
        await Task.Delay(RestsAfter, TimeProvider.System);
        var (memory, files) = topology.EdgeMemoryMiB;
        Report.Row("cost of one more", 10_000, "stopped", "-", "-", "-", $"{after / before:F2}x", "-", "-", "-", "-", Report.Goal(after / before <= GrowthMax));
        Report.Row("memory of the agent, MiB", 10_000, "stopped", $"{memory}, {files} of it files; {busy} under load", "-", "-", "-", "-", "-", "-", "-", Report.Goal(memory <= MemoryMiBMax));
    }

    static async Task<double> SecondsEachAsync(Bound bound, Topology topology, string prefix) => (await ClaimsAsync(bound, topology.Api, prefix, 500, Writers)).Seconds / 500;

    /// <summary>Creates claims and waits for the watch to show them bound; from each one's creation, sorted.</summary>
    static async Task<(double Seconds, long[] Ticks)> ClaimsAsync(Bound bound, IKubernetesApi api, string prefix, int count, int writers, bool waits = false)
    {
        var ticks = new ConcurrentBag<long>();
        var pending = new ConcurrentBag<Task>();
        var started = Stopwatch.GetTimestamp();
        await EachAsync(count, async i =>
        {
            var name = $"{prefix}-{i}";
            var at = Stopwatch.GetTimestamp();
            var done = bound.WaitAsync(name).ContinueWith(_ => ticks.Add(Stopwatch.GetTimestamp() - at), TaskScheduler.Default);
            await api.CreateAsync(Claim(name), dryRun: false);
            if (waits) await done;
            pending.Add(done);
        }, writers);
        await Task.WhenAll(pending);
        return (Stopwatch.GetElapsedTime(started).TotalSeconds, [.. ticks.Order()]);
    }

    static IPClaim Claim(string name, string pool = "bench") => new() { Metadata = new() { Name = name, Namespace = Namespace }, Spec = new() { PoolRef = new() { Name = pool }, PrefixLength = 32 } };

    static Task EachAsync(int count, Func<int, Task> act, int writers = Writers) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = writers }, async (i, _) => await act(i));

    static string Number(double value) => value.ToString(value < 100 ? "F1" : "N0", CultureInfo.InvariantCulture);

    static string Millis(long[] ticks, double share) => (Report.Percentile(ticks, share) / 1000).ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>Sees claims become bound, by a watch.</summary>
    sealed class Bound(IKubernetesApi api)
    {
        readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);
        readonly Informer<IPClaim> claims = new(api, TimeProvider.System, static () => 0.5, new InformerOptions { Namespace = Namespace });

        public int Count => claims.Items.Count;

        public Task WaitAsync(string name) => Of(name).Task;

        /// <summary>Until the agent has said anything of the claim.</summary>
        public Task AnsweredAsync(string name) => Of($"answer to {name}").Task;

        public Task RunAsync(CancellationToken cancel)
        {
            claims.OnChange((_, after) =>
            {
                if (after?.Status?.Phase is not null) Of($"answer to {after.Name}").TrySetResult();
                if (after is not null && after.IsBound()) Of(after.Name).TrySetResult();
            });
            return claims.RunAsync(cancel);
        }

        TaskCompletionSource Of(string name) => waiting.GetOrAdd(name, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
