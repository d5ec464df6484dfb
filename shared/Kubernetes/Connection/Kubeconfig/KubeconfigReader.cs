using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Federation.Kubernetes;

/// <summary>Finds, reads and merges kubeconfig files as kubectl does.</summary>
static class KubeconfigReader
{
    const int FileBytesMax = 16 * 1024 * 1024;

    /// <summary>The files to read: the one that is named, those of <c>$KUBECONFIG</c>, or the one in the home folder.</summary>
    public static IReadOnlyList<string> Paths(string? path, Func<string, string?> variable)
    {
        if (path is not null) return [path];
        if (variable("KUBECONFIG") is { Length: > 0 } list)
        {
            return list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        return [Path.Combine(variable("HOME") ?? "", ".kube", "config")];
    }

    /// <summary>All files in one: whoever names a thing first, wins. Of several files, some may be missing.</summary>
    public static Kubeconfig Read(IReadOnlyList<string> paths)
    {
        var there = paths.Where(File.Exists).ToList();
        if (there.Count == 0) throw new FileNotFoundException($"There is no kubeconfig at {string.Join(", ", paths)}.");

        var merged = new Kubeconfig { Clusters = [], Users = [], Contexts = [] };
        foreach (var file in there.Select(ReadFile))
        {
            if (merged.CurrentContext is not { Length: > 0 }) merged.CurrentContext = file.CurrentContext;
            Merge(merged.Clusters, file.Clusters, static cluster => cluster.Name);
            Merge(merged.Users, file.Users, static user => user.Name);
            Merge(merged.Contexts, file.Contexts, static context => context.Name);
        }

        return merged;
    }

    static void Merge<TEntry>(List<TEntry?> merged, List<TEntry?>? more, Func<TEntry, string?> name) where TEntry : class
    {
        foreach (var entry in more ?? [])
        {
            if (entry is not null && !merged.Any(known => name(known!) == name(entry))) merged.Add(entry);
        }
    }

    static Kubeconfig ReadFile(string path)
    {
        if (new FileInfo(path).Length > FileBytesMax) throw new InvalidDataException($"The kubeconfig {path} is longer than {FileBytesMax} bytes.");

        try
        {
            var reader = new DeserializerBuilder().IgnoreUnmatchedProperties().Build();
            var file = reader.Deserialize<Kubeconfig?>(File.ReadAllText(path)) ?? new Kubeconfig();
            Anchor(file, Path.GetDirectoryName(Path.GetFullPath(path))!);
            return file;
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"The kubeconfig {path} cannot be read.", e);
        }
    }

    /// <summary>Relative paths are meant from the folder of the file that says them.</summary>
    static void Anchor(Kubeconfig file, string folder)
    {
        foreach (var cluster in (file.Clusters ?? []).Select(static entry => entry?.Cluster).OfType<Kubeconfig.Cluster>())
        {
            cluster.AuthorityFile = Full(cluster.AuthorityFile);
        }

        foreach (var user in (file.Users ?? []).Select(static entry => entry?.User).OfType<Kubeconfig.User>())
        {
            user.CertificateFile = Full(user.CertificateFile);
            user.KeyFile = Full(user.KeyFile);
            user.TokenFile = Full(user.TokenFile);
            if (user.Exec?.Command?.Contains('/', StringComparison.Ordinal) == true) user.Exec.Command = Full(user.Exec.Command);
        }

        string? Full(string? path) => path is { Length: > 0 } ? Path.Combine(folder, path) : null;
    }
}
