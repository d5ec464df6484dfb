using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>One version of one object, with the bytes it is stored, listed and watched as.</summary>
public sealed class StoredObject
{
    readonly byte[] json;

    public StoredObject(KindInfo kind, Resource resource, byte[] json, long revision)
    {
        Kind = kind;
        Namespace = resource.Metadata.Namespace ?? "";
        Name = resource.Name;
        Resource = resource;
        Revision = revision;
        this.json = json;
    }

    StoredObject(KindInfo kind, string ns, string name)
    {
        Kind = kind;
        Namespace = ns;
        Name = name;
        Resource = null!;
        json = [];
    }

    public KindInfo Kind { get; }

    /// <summary>Empty for objects of the cluster.</summary>
    public string Namespace { get; }

    public string Name { get; }

    public Resource Resource { get; }

    /// <summary>The store's revision at which this version was written; the object's <c>resourceVersion</c>.</summary>
    public long Revision { get; }

    public ReadOnlyMemory<byte> Json => json;

    /// <summary>A key to look with; holds no object.</summary>
    internal static StoredObject Key(KindInfo kind, string? ns, string name) => new(kind, ns ?? "", name);

    /// <summary>By namespace, then name, both ordinal: the order of lists.</summary>
    internal static readonly IComparer<StoredObject> ByKey = Comparer<StoredObject>.Create(static (a, b) =>
    {
        var byNamespace = string.CompareOrdinal(a.Namespace, b.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(a.Name, b.Name);
    });
}
