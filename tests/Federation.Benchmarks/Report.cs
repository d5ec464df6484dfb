using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Federation.Benchmarks;

/// <summary>What the benchmarks print: tables whose ratios are measured in one run, for the machines are shared and noisy.</summary>
static class Report
{
    public static void Machine() => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}"));

    public static void Title(string text) => Console.WriteLine($"\n## {text}\n");

    public static void Header(params string[] columns)
    {
        Row(columns);
        Row([.. columns.Select(static _ => "---")]);
    }

    public static void Row(params object[] cells) => Console.WriteLine($"| {string.Join(" | ", cells.Select(static cell => Convert.ToString(cell, CultureInfo.InvariantCulture)))} |");

    public static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Goal(bool isMet) => isMet ? "met" : "NOT MET";

    /// <summary>The value below which this share of the sorted samples lies, in microseconds.</summary>
    public static double Percentile(long[] sortedTicks, double share) =>
        sortedTicks[Math.Min(sortedTicks.Length - 1, (int)(sortedTicks.Length * share))] * 1_000_000.0 / Stopwatch.Frequency;

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
