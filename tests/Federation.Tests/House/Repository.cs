namespace Federation.Tests.House;

/// <summary>The working copy these tests were built from.</summary>
static class Repository
{
    public static readonly string Root = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>Files with this ending that belong to the project, relative to the root.</summary>
    public static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
        .Select(static path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Where(static path => !path.Split('/').Any(static part => part is "artifacts" or "node_modules" or "bin" or "obj" or ".git"))
        .Order(StringComparer.Ordinal);

    static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Federation.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"there is no Federation.sln above {AppContext.BaseDirectory}");
        }

        return folder;
    }
}
