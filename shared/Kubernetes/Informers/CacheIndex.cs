using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Objects by values found in them.</summary>
sealed class CacheIndex<T>(Func<T, IEnumerable<string>> values) where T : Resource
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
