using System.Diagnostics;

namespace Federation.E2E;

/// <summary>
/// Where etcd and kube-apiserver are: in the folder that <c>KUBEBUILDER_ASSETS</c> names, or unpacked from the archive beside
/// the repository, <c>../shared/kube</c>, into the user's cache.
/// </summary>
static class KubeBinaries
{
    public const string Variable = "KUBEBUILDER_ASSETS";

    /// <summary>What a run without them has to say.</summary>
    public const string Absent = $"there are no etcd and kube-apiserver: {Variable} names no folder with them, and there is no archive in ../shared/kube; see e2e/kube/README.md";

    static readonly Lazy<string?> Found = new(Find, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>The folder; null when there is none.</summary>
    public static string? Folder => Found.Value;

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return Holds(named) ? named : null;
        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "federation", "kube");
        if (Holds(cache)) return cache;
        return Archive() is { } archive && Unpack(archive, cache) && Holds(cache) ? cache : null;
    }

    static bool Holds(string folder) => File.Exists(Path.Combine(folder, "etcd")) && File.Exists(Path.Combine(folder, "kube-apiserver"));

    static string? Archive()
    {
        var beside = Path.Combine(ServerProcess.Repository(), "..", "shared", "kube");
        return Directory.Exists(beside) ? Directory.EnumerateFiles(beside, "kube-*.tar.xz").Order(StringComparer.Ordinal).LastOrDefault() : null;
    }

    /// <summary>Aside first, then in one step: another run at the same moment sees all of it or nothing.</summary>
    static bool Unpack(string archive, string cache)
    {
        var aside = $"{cache}.{Environment.ProcessId}";
        Directory.CreateDirectory(aside);
        using var tar = Process.Start("tar", ["-xJf", archive, "-C", aside]);
        tar.WaitForExit();
        if (tar.ExitCode != 0) return false;
        try
        {
            Directory.Move(aside, cache);
        }
        catch (IOException)
        {
            Directory.Delete(aside, recursive: true); // another run was first
        }

        return true;
    }
}
