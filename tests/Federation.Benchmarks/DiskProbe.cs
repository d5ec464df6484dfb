using System.Diagnostics;

namespace Federation.Benchmarks;

/// <summary>What the disk does when one write waits for the other, each synced.</summary>
sealed class DiskProbe(string folder) : IDisposable
{
    static readonly TimeSpan For = TimeSpan.FromMilliseconds(200);

    readonly FileStream file = new(Path.Combine(folder, "probe"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
    readonly byte[] page = new byte[4096];

    public double SyncsPerSecond()
    {
        var (writes, started) = (0, Stopwatch.GetTimestamp());
        for (; Stopwatch.GetElapsedTime(started) < For; writes++)
        {
            file.Write(page);
            file.Flush(flushToDisk: true);
        }

        return writes / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public void Dispose() => file.Dispose();
}

/// <summary>A folder that goes with its benchmark.</summary>
sealed class TemporaryFolder : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-bench-");

    public string Path => folder.FullName;

    public void Dispose() => folder.Delete(recursive: true);
}
