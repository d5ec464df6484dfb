using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Benchmarks;

/// <summary>What a parent's status costs: one child flips, and all that is said of the children is made anew.</summary>
static class StatusBench
{
    public static void Run(bool isShort)
    {
        Report.Title("Status of a pool when one of its leases flips");
        Report.Header("leases", "conditions", "status kB", "p50 µs", "p99 µs");
        foreach (var count in (int[])[1, 10, 100, 1_000, 10_000]) Measure(count, isShort ? 200 : 2_000);
    }

    static void Measure(int count, int samples)
    {
        var children = ChildSet.Of(Enumerable.Range(0, count).Select(static index => Child(index, isReady: true)));
        var pool = new IPPool { Metadata = new() { Name = "bench", Generation = 1 } }.WithChildren(ChildWords.LeasesOfPool, children, DateTimeOffset.UnixEpoch);
        var ticks = new long[samples];
        for (var sample = -100; sample < samples; sample++)
        {
            var wasReady = sample % 2 == 0;
            children.Apply(Child(0, wasReady), null);
            children.Apply(null, Child(0, !wasReady));
            var started = Stopwatch.GetTimestamp();
            pool = pool.WithChildren(ChildWords.LeasesOfPool, children, DateTimeOffset.UnixEpoch.AddSeconds(sample + 100));
            if (sample >= 0) ticks[sample] = Stopwatch.GetTimestamp() - started;
        }

        Array.Sort(ticks);
        var size = JsonSerializer.SerializeToUtf8Bytes(pool.Status, ResourceJson.Lenient).Length;
        Report.Row(count.ToString("N0", CultureInfo.InvariantCulture), pool.Status!.Conditions!.Count, (size / 1000.0).ToString("F1", CultureInfo.InvariantCulture),
            Report.Percentile(ticks, 0.5).ToString("F1", CultureInfo.InvariantCulture), Report.Percentile(ticks, 0.99).ToString("F1", CultureInfo.InvariantCulture));
    }

    static Child Child(int index, bool isReady) => new(index, $"us-east-{index:x10}", isReady ? ChildStage.Ready : ChildStage.Failing,
        isReady ? ConditionStatus.True : ConditionStatus.Unknown, isReady ? Reasons.Ready : Reasons.EdgeHeartbeatMissed, isReady ? "is ready" : "belongs to edge us-east, which is silent", "40/256 addresses");
}
