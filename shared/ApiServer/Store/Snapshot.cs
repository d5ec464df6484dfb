using System.Collections.Immutable;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>All objects as they stood at one revision. Immutable, so reading needs no lock and a paged list stays consistent.</summary>
public sealed class Snapshot
{
    readonly Dictionary<KindInfo, ImmutableSortedSet<StoredObject>> objects;

    /// <param name="objects">Nobody else's from here on.</param>
    internal Snapshot(long revision, Dictionary<KindInfo, ImmutableSortedSet<StoredObject>> objects)
    {
        Revision = revision;
        this.objects = objects;
    }

    /// <summary>Before anything has been read.</summary>
    internal static readonly Snapshot None = new(0, []);

    public long Revision { get; }

    public StoredObject? Find(KindInfo kind, string? ns, string name) =>
        Of(kind).TryGetValue(StoredObject.Key(kind, ns, name), out var found) ? found : null;

    public T? Find<T>(string? ns, string name) where T : Resource => (T?)Find(KindInfo.Of<T>(), ns, name)?.Resource;

    public IEnumerable<T> All<T>() where T : Resource => Of(KindInfo.Of<T>()).Select(static stored => (T)stored.Resource);

    public int Count(KindInfo kind) => Of(kind).Count;

    /// <summary>How many objects of its kind come after this one, which is here.</summary>
    internal int CountBehind(StoredObject stored) => Count(stored.Kind) - IndexBehind(Of(stored.Kind), stored);

    /// <summary>Objects in key order, from behind <paramref name="after"/> on, of one namespace or of all.</summary>
    internal IEnumerable<StoredObject> From(KindInfo kind, string? ns, StoredObject? after)
    {
        var all = Of(kind);
        var start = IndexBehind(all, after ?? (ns is null ? null : StoredObject.Key(kind, ns, "")));
        for (var i = start; i < all.Count; i++)
        {
            var stored = all[i];
            if (ns is not null && stored.Namespace != ns) yield break;
            yield return stored;
        }
    }

    internal ImmutableSortedSet<StoredObject> Of(KindInfo kind) => objects.TryGetValue(kind, out var set) ? set : Empty;

    internal static readonly ImmutableSortedSet<StoredObject> Empty = ImmutableSortedSet.Create(StoredObject.ByKey);

    static int IndexBehind(ImmutableSortedSet<StoredObject> all, StoredObject? key)
    {
        if (key is null) return 0;
        var at = all.IndexOf(key);
        return at >= 0 ? at + 1 : ~at;
    }
}
