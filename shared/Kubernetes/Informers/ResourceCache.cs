using System.Globalization;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>What became of an object: null before for what is new, null after for what is gone.</summary>
readonly record struct CacheChange<T>(T? Before, T? After) where T : Resource;

/// <summary>
/// The objects of an informer. Two write to it: the watch, and whoever has just written an object; of two states of an object,
/// the one with the higher resource version stays. Reads are safe from any thread.
/// </summary>
sealed class ResourceCache<T> where T : Resource
{
    readonly Lock gate = new();
    readonly SortedDictionary<ResourceKey, T> items = [];
    readonly SortedDictionary<ResourceKey, UnreadableObject> unreadable = [];
    readonly SortedDictionary<ResourceKey, string> forgotten = [];
    readonly SortedDictionary<string, CacheIndex<T>> indexes = new(StringComparer.Ordinal);
    readonly List<CacheChange<T>> changes = [];
    IReadOnlyList<T>? snapshot;
    ulong reached;

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (gate) return snapshot ??= [.. items.Values];
        }
    }

    public IReadOnlyList<UnreadableObject> Unreadable
    {
        get
        {
            lock (gate) return [.. unreadable.Values];
        }
    }

    public T? Get(ResourceKey key)
    {
        lock (gate) return items.GetValueOrDefault(key);
    }

    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public IReadOnlyList<T> ByIndex(string index, string value)
    {
        lock (gate) return indexes[index].Find(value);
    }

    public void AddIndex(string name, Func<T, IEnumerable<string>> values)
    {
        lock (gate) indexes.Add(name, new CacheIndex<T>(values));
    }

    /// <summary>Takes over a list of all that exists. What was observed and is newer than the list stays.</summary>
    public IReadOnlyList<CacheChange<T>> Replace(
        SortedDictionary<ResourceKey, T> listed, SortedDictionary<ResourceKey, UnreadableObject> notRead, string version) => Change(() =>
    {
        var at = Number(version);
        // A server restored from a backup counts from an earlier number: then nothing of ours is newer than its list.
        var restored = at < reached;
        foreach (var (key, old) in items.ToList())
        {
            var observedSince = !restored && Version(old) > at;
            if (!observedSince && !listed.ContainsKey(key) && !notRead.ContainsKey(key)) Drop(key);
        }

        foreach (var key in forgotten.Keys.Where(key => !listed.ContainsKey(key)).ToList()) forgotten.Remove(key);
        foreach (var (key, item) in listed) Accept(key, item, evenIfOlder: restored);
        unreadable.Clear();
        foreach (var (key, item) in notRead) unreadable.Add(key, item);
        reached = at;
    });

    /// <summary>Takes over what the watch tells.</summary>
    public IReadOnlyList<CacheChange<T>> Put(T item) => Change(() =>
    {
        var key = ResourceKey.Of(item);
        unreadable.Remove(key);
        Accept(key, item, evenIfOlder: false);
        reached = Math.Max(reached, Version(item));
    });

    public void PutUnreadable(UnreadableObject item)
    {
        lock (gate) unreadable[item.Key] = item;
    }

    public IReadOnlyList<CacheChange<T>> Remove(ResourceKey key, string? version) => Change(() =>
    {
        unreadable.Remove(key);
        forgotten.Remove(key);
        if (items.TryGetValue(key, out var old) && Version(old) <= Number(version)) Drop(key);
        reached = Math.Max(reached, Number(version));
    });

    /// <summary>Remembers how far the watch has come.</summary>
    public void Reach(string version)
    {
        lock (gate) reached = Math.Max(reached, Number(version));
    }

    /// <summary>Takes a state that the watch has not told yet. An older one may be of an object that is long gone.</summary>
    public IReadOnlyList<CacheChange<T>> Observe(T item) => Change(() =>
    {
        if (Version(item) > reached) Accept(ResourceKey.Of(item), item, evenIfOlder: false);
    });

    /// <summary>Drops an object whose deletion the watch has not told yet, and whatever the watch still tells of its life.</summary>
    public IReadOnlyList<CacheChange<T>> Forget(T item) => Change(() =>
    {
        var key = ResourceKey.Of(item);
        if (!items.TryGetValue(key, out var old) || old.Uid != item.Uid) return;
        Drop(key);
        forgotten[key] = item.Uid;
    });

    List<CacheChange<T>> Change(Action act)
    {
        lock (gate)
        {
            act();
            List<CacheChange<T>> made = [.. changes];
            changes.Clear();
            return made;
        }
    }

    void Accept(ResourceKey key, T item, bool evenIfOlder)
    {
        if (forgotten.TryGetValue(key, out var uid) && uid == item.Uid && !item.Metadata.IsDeleting()) return;

        forgotten.Remove(key); // Another object of the name, or one that finalizers keep after all.
        if (items.TryGetValue(key, out var old))
        {
            if (Version(old) > Version(item) && !evenIfOlder) return;
            if (old.Metadata.ResourceVersion == item.Metadata.ResourceVersion && old.Uid == item.Uid) return;
            if (old.Uid != item.Uid)
            {
                Drop(key);
                old = null;
            }
        }

        Keep(key, old, item);
    }

    void Keep(ResourceKey key, T? old, T item)
    {
        item = Lean(item);
        snapshot = null;
        items[key] = item;
        foreach (var index in indexes.Values)
        {
            if (old is not null) index.Remove(key, old);
            index.Add(key, item);
        }

        changes.Add(new(old, item));
    }

    void Drop(ResourceKey key)
    {
        snapshot = null;
        if (!items.Remove(key, out var old)) return;
        foreach (var index in indexes.Values) index.Remove(key, old);
        changes.Add(new(old, null));
    }

    /// <summary>Without the record of who set which field, which is larger than all the rest: nobody here asks for it, and a write without it leaves it as it is.</summary>
    static T Lean(T item) => item.Metadata.ManagedFields is null ? item : (T)(item with { Metadata = item.Metadata with { ManagedFields = null } });

    static ulong Version(T item) => Number(item.Metadata.ResourceVersion);

    /// <summary>A resource version as the number it is on every server there is; 0 for anything else, which is newer than nothing.</summary>
    static ulong Number(string? version) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
