using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Federation.Domain;
using Federation.Domain.Addressing;
using Perfolizer.Horology;

namespace Federation.Benchmarks;

/// <summary>What it costs to find, take and free one block, by how many there are and how full the space is.</summary>
static class AllocatorBench
{
    const double MicrosecondsMax = 5;
    const double GrowthMax = 10;
    const double FullMax = 2;

    public static void Run(bool isShort)
    {
        Report.Title("Allocator: find + reserve + free of one block");
        AllocatorTurn.IsShort = isShort;
        var job = Job.Default.WithToolchain(InProcessEmitToolchain.DontLogOutput).WithIterationTime(TimeInterval.FromMilliseconds(200)).WithWarmupCount(3).WithIterationCount(isShort ? 7 : 15);
        var summary = BenchmarkRunner.Run<AllocatorTurn>(ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddLogger(NullLogger.Instance).WithOptions(ConfigOptions.DisableLogFile));
        var measured = summary.Reports.ToDictionary(static report => (AllocatorScene)report.BenchmarkCase.Parameters[nameof(AllocatorTurn.Scene)]);

        Report.Header("family", "strategy", "live blocks", "full", "p50 µs", "p95 µs", "bytes/op", "to 1k", "goal");
        foreach (var (scene, report) in measured) Tell(scene, report, measured);
    }

    static void Tell(AllocatorScene scene, BenchmarkReport report, Dictionary<AllocatorScene, BenchmarkReport> measured)
    {
        var (p50, toFew, toAiry) = (Median(report), Median(report) / Median(measured[scene with { Live = AllocatorScene.Few }]), Median(report) / Median(measured[scene with { Share = AllocatorScene.Airy }]));
        Report.Row(scene.Network.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4", scene.Strategy, scene.Live.ToString("N0", CultureInfo.InvariantCulture), $"{scene.Share * 100:0.0} %",
            Report.Number(p50, "F2"), Report.Number(report.ResultStatistics!.Percentiles.P95 / 1000, "F2"), report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0, Report.Number(toFew, "F1"),
            Report.Goal(p50 <= MicrosecondsMax && toFew <= GrowthMax && toAiry <= FullMax));
    }

    static double Median(BenchmarkReport report) => report.ResultStatistics!.Median / 1000;
}

/// <summary>A space: how many blocks of it are taken, and which share of its slots that is.</summary>
public sealed record AllocatorScene(string Network, PlacementStrategy Strategy, double Share, int Live)
{
    public const int Few = 1_000;
    public const double Airy = 0.10;

    static readonly string[] Networks = ["10.0.0.0", "2001:db8::"];
    static readonly PlacementStrategy[] Strategies = [PlacementStrategy.FirstFit, PlacementStrategy.BestFit, PlacementStrategy.Sparse];
    static readonly double[] Shares = [Airy, 0.999];
    static readonly int[] Lives = [Few, 10_000, 100_000, 1_000_000];

    public static IEnumerable<AllocatorScene> All(bool isShort) =>
        from network in Networks
        from strategy in Strategies.Take(isShort ? 1 : Strategies.Length)
        from share in Shares
        from live in Lives.Where((_, at) => !isShort || at is 0 or 3)
        select new AllocatorScene(network, strategy, share, live);
}

/// <summary>Frees a block that is taken and takes another, so that the space stays as full as it is.</summary>
public class AllocatorTurn
{
    AddressSpace space = null!;
    Cidr[] blocks = [];
    Random random = null!;
    int length;

    internal static bool IsShort { get; set; }

    [ParamsSource(nameof(Scenes))]
    public AllocatorScene Scene { get; set; } = null!;

    public static IEnumerable<AllocatorScene> Scenes => AllocatorScene.All(IsShort);

    /// <summary>
    /// Takes so many of so many slots, drawn by chance, as a space looks after long use. What the root has beyond the
    /// slots, because its size is a power of two, is taken for good.
    /// </summary>
    [GlobalSetup]
    public void Fill()
    {
        var slots = (long)(Scene.Live / Scene.Share);
        length = Scene.Network.Contains(':', StringComparison.Ordinal) ? 64 : 32;
        space = new AddressSpace(Cidr.Parse($"{Scene.Network}/{length - (int)Math.Ceiling(Math.Log2(slots))}"));
        for (var beyond = slots; beyond < 1L << (length - space.Root.Length); beyond++) Invariant.Holds(space.Reserve(Slot(beyond)));
        var order = Enumerable.Range(0, (int)slots).ToArray();
        new Random(1).Shuffle(order);
        blocks = [.. order.Take(Scene.Live).Select(slot => Slot(slot))];
        foreach (var block in blocks) Invariant.Holds(space.Reserve(block));
        random = new Random(2);
    }

    [Benchmark]
    public void Turn()
    {
        var at = random.Next(blocks.Length);
        Invariant.Holds(space.Release(blocks[at]) && space.TryFind(length, Scene.Strategy, out blocks[at]) && space.Reserve(blocks[at]));
    }

    Cidr Slot(long number) => Cidr.Of(space.Root.Network + ((UInt128)number << (space.Root.Width - length)), length, space.Root.Width);
}
