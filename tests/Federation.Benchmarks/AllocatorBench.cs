using System.Diagnostics;
using Federation.Domain;
using Federation.Domain.Addressing;

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
        Report.Header("family", "strategy", "live blocks", "full", "p50 µs", "p99 µs", "bytes/op", "to 1k", "goal");
        foreach (var family in new[] { "10.0.0.0", "2001:db8::" })
        {
            foreach (var strategy in new[] { PlacementStrategy.FirstFit, PlacementStrategy.BestFit, PlacementStrategy.Sparse })
            {
                var airy = Series(family, strategy, 0.10, against: [], isShort);
                Series(family, strategy, 0.999, airy, isShort);
            }
        }
    }

    /// <param name="against">What the same cost while most of the space was free.</param>
    static List<double> Series(string network, PlacementStrategy strategy, double share, List<double> against, bool isShort)
    {
        List<double> costs = [];
        foreach (var live in new[] { 1_000, 10_000, 100_000, 1_000_000 })
        {
            var (p50, p99, bytes) = Measure(network, strategy, live, share, isShort ? 20_000 : 200_000);
            costs.Add(p50);
            var isFull = against.Count > 0 && p50 > against[costs.Count - 1] * FullMax;
            Report.Row(network.Contains(':', StringComparison.Ordinal) ? "IPv6" : "IPv4", strategy, live.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), $"{share * 100:0.0} %",
                p50.ToString("F2", System.Globalization.CultureInfo.InvariantCulture), p99.ToString("F2", System.Globalization.CultureInfo.InvariantCulture), bytes, (p50 / costs[0]).ToString("F1", System.Globalization.CultureInfo.InvariantCulture),
                Report.Goal(p50 <= MicrosecondsMax && p50 / costs[0] <= GrowthMax && !isFull));
        }

        return costs;
    }

    static (double P50, double P99, long BytesPerOp) Measure(string network, PlacementStrategy strategy, int live, double share, int operations)
    {
        var width = network.Contains(':', StringComparison.Ordinal) ? 128 : 32;
        var bits = (int)Math.Ceiling(Math.Log2(live / share));
        var length = width == 32 ? 32 : 64;
        var space = new AddressSpace(Cidr.Parse($"{network}/{length - bits}"));
        var blocks = Fill(space, live, (long)(live / share), length, new Random(1));

        var random = new Random(2);
        var samples = new long[operations];
        Turn(space, strategy, length, blocks, random, samples); // warm
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(space, strategy, length, blocks, random, samples);
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / operations;
        Array.Sort(samples);
        return (Report.Percentile(samples, 0.5), Report.Percentile(samples, 0.99), bytes);
    }

    /// <summary>Frees one that is taken and takes another, so that the space stays as full as it is.</summary>
    static void Turn(AddressSpace space, PlacementStrategy strategy, int length, Cidr[] blocks, Random random, long[] samples)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            var at = random.Next(blocks.Length);
            var started = Stopwatch.GetTimestamp();
            Invariant.Holds(space.Release(blocks[at]) && space.TryFind(length, strategy, out blocks[at]) && space.Reserve(blocks[at]));
            samples[i] = Stopwatch.GetTimestamp() - started;
        }
    }

    /// <summary>
    /// Takes so many of so many slots, drawn by chance, as a space looks after long use. What the root has beyond the
    /// slots, because its size is a power of two, is taken for good.
    /// </summary>
    static Cidr[] Fill(AddressSpace space, int live, long slots, int length, Random random)
    {
        for (var beyond = slots; beyond < 1L << (length - space.Root.Length); beyond++) Invariant.Holds(space.Reserve(Slot(space, beyond, length)));
        var order = Enumerable.Range(0, (int)slots).ToArray();
        random.Shuffle(order);
        var blocks = order.Take(live).Select(slot => Slot(space, slot, length)).ToArray();
        foreach (var block in blocks) Invariant.Holds(space.Reserve(block));
        return blocks;
    }

    static Cidr Slot(AddressSpace space, long number, int length) => Cidr.Of(space.Root.Network + ((UInt128)number << (space.Root.Width - length)), length, space.Root.Width);
}
