using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Writes the definitions that an edge's cluster is given, one file a kind: <c>federation-hub crds --out deploy/crds</c>.</summary>
static class DefinitionFiles
{
    /// <summary>File name and content of each.</summary>
    public static IEnumerable<(string Name, string Text)> All() => ResourceDefinitions.Kinds.Select(static kind => ($"{kind.Plural}.yaml", YamlWriter.Write(ResourceDefinitions.Of(kind))));

    public static int Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in All()) File.WriteAllText(Path.Combine(folder, name), text);
        return 0;
    }
}
