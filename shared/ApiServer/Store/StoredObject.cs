using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>One version of one object, with the bytes it is stored, listed and watched as.</summary>
public sealed class StoredObject
{
    readonly byte[] json;
    Resource? resource;

    public StoredObject(KindInfo kind, Resource resource, byte[] json, long revision)
        : this(kind, resource.Metadata.Namespace ?? "", resource.Name, json, revision) => this.resource = resource;

    StoredObject(KindInfo kind, string ns, string name, byte[] json, long revision)
    {
        Kind = kind;
        Namespace = ns;
        Name = name;
        Revision = revision;
        this.json = json;
    }

    /// <summary>What a disk kept.</summary>
    internal static StoredObject Of(KindInfo kind, StoredRow row)
    {
        var stored = new StoredObject(kind, row.Namespace, row.Name, row.Json, row.Revision);
        if (!kind.IsNumerous) stored.Wake();
        return stored;
    }

    public KindInfo Kind { get; }

    /// <summary>Empty for objects of the cluster.</summary>
    public string Namespace { get; }

    public string Name { get; }

    /// <summary>The object, read from its bytes anew when they are all that is kept of it.</summary>
    public Resource Resource => Volatile.Read(ref resource) ?? ResourceJson.Read(json, Kind.Type);

    /// <summary>The store's revision at which this version was written; the object's <c>resourceVersion</c>.</summary>
    public long Revision { get; }

    public ReadOnlyMemory<byte> Json => json;

    /// <summary>A key to look with; holds no object.</summary>
    internal static StoredObject Key(KindInfo kind, string? ns, string name) => new(kind, ns ?? "", name, [], 0);

    /// <summary>Whether this is the object, and its bytes may be sent for it.</summary>
    internal bool Holds(Resource asked) => ReferenceEquals(resource, asked);

    /// <summary>Keeps the object beside its bytes, for who will ask for it several times; false when it was kept.</summary>
    internal bool Wake()
    {
        if (Volatile.Read(ref resource) is not null) return false;
        Volatile.Write(ref resource, Resource);
        return true;
    }

    /// <summary>
    /// Keeps nothing but the bytes of an object of a numerous kind: as a graph it takes several times their room, which
    /// the collector would walk and move.
    /// </summary>
    internal void Rest()
    {
        if (Kind.IsNumerous) Volatile.Write(ref resource, null);
    }

    /// <summary>By namespace, then name, both ordinal: the order of lists.</summary>
    internal static readonly IComparer<StoredObject> ByKey = Comparer<StoredObject>.Create(static (a, b) =>
    {
        var byNamespace = string.CompareOrdinal(a.Namespace, b.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(a.Name, b.Name);
    });
}
