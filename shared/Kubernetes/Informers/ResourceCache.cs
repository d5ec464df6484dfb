using System.Globalization;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>
/// The objects of an informer. Two write to it: the watch, and whoever has just written an object; of two states of an object,
/// the one with the higher resource version stays. Safe from any thread.
/// </summary>
sealed class ResourceCache<T> where T : Resource
{
    readonly Lock gate = new();
    readonly SortedDictionary<ResourceKey, T> items = [];
    readonly SortedDictionary<ResourceKey, UnreadableObject> unreadable = [];
    readonly SortedDictionary<string, Index> indexes = new(StringComparer.Ordinal);
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
        lock (gate) indexes.Add(name, new Index(values));
    }

    /// <summary>Takes over a list of all that exists. What was observed and is newer than the list stays.</summary>
    public void Replace(SortedDictionary<ResourceKey, T> listed, SortedDictionary<ResourceKey, UnreadableObject> notRead, string version)
    {
        lock (gate)
        {
            var at = Number(version);
            // A server restored from a backup counts from an earlier number: then nothing of ours is newer than its list.
            var restored = at < reached;
            foreach (var (key, old) in items.ToList())
            {
                var observedSince = !restored && Number(old.Metadata.ResourceVersion) > at;
                if (!observedSince && !listed.ContainsKey(key) && !notRead.ContainsKey(key)) Drop(key);
            }

            foreach (var (key, item) in listed)
            {
                if (restored || !IsNewer(items.GetValueOrDefault(key), item)) Keep(key, item);
            }

            unreadable.Clear();
            foreach (var (key, item) in notRead) unreadable.Add(key, item);
            reached = at;
        }
    }

    /// <summary>Takes over what the watch tells.</summary>
    public void Put(T item)
    {
        lock (gate)
        {
            var key = ResourceKey.Of(item);
            unreadable.Remove(key);
            if (!IsNewer(items.GetValueOrDefault(key), item)) Keep(key, item);
        }
    }

    public void PutUnreadable(UnreadableObject item)
    {
        lock (gate) unreadable[item.Key] = item;
    }

    public void Remove(ResourceKey key, string? version)
    {
        lock (gate)
        {
            unreadable.Remove(key);
            if (items.TryGetValue(key, out var old) && Number(old.Metadata.ResourceVersion) <= Number(version)) Drop(key);
        }
    }

    /// <summary>Remembers how far the watch has come.</summary>
    public void Reach(string version)
    {
        lock (gate) reached = Math.Max(reached, Number(version));
    }

    /// <summary>Takes a state that the watch has not told yet. An older one may be of an object that is long gone.</summary>
    public void Observe(T item)
    {
        lock (gate)
        {
            var at = Number(item.Metadata.ResourceVersion);
            if (at == 0 || at <= reached) return;
            var key = ResourceKey.Of(item);
            if (items.TryGetValue(key, out var old) && Number(old.Metadata.ResourceVersion) >= at) return;
            Keep(key, item);
        }
    }

    void Keep(ResourceKey key, T item)
    {
        Drop(key);
        items.Add(key, item);
        foreach (var index in indexes.Values) index.Add(key, item);
    }

    void Drop(ResourceKey key)
    {
        snapshot = null;
        if (!items.Remove(key, out var old)) return;
        foreach (var index in indexes.Values) index.Remove(key, old);
    }

    static bool IsNewer(T? old, T item) => old is not null && Number(old.Metadata.ResourceVersion) > Number(item.Metadata.ResourceVersion);

    /// <summary>A resource version as the number it is on every server there is; 0 for anything else, which is newer than nothing.</summary>
    static ulong Number(string? version) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Objects by a value found in them.</summary>
    sealed class Index(Func<T, IEnumerable<string>> values)
    {
        readonly Dictionary<string, SortedDictionary<ResourceKey, T>> entries = new(StringComparer.Ordinal);

        public IReadOnlyList<T> Find(string value) => entries.TryGetValue(value, out var found) ? [.. found.Values] : [];

        public void Add(ResourceKey key, T item)
        {
            foreach (var value in values(item))
            {
                if (!entries.TryGetValue(value, out var found)) entries.Add(value, found = []);
                found[key] = item;
            }
        }

        public void Remove(ResourceKey key, T item)
        {
            foreach (var value in values(item))
            {
                if (!entries.TryGetValue(value, out var found)) continue;
                found.Remove(key);
                if (found.Count == 0) entries.Remove(value);
            }
        }
    }
}
