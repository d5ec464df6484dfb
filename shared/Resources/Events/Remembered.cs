using System.Diagnostics.CodeAnalysis;

namespace Federation.Resources;

/// <summary>A dictionary that forgets what it has known longest when it has too much.</summary>
sealed class Remembered<TKey, TValue>(int most) where TKey : notnull
{
    readonly Dictionary<TKey, TValue> values = [];
    readonly Queue<TKey> order = new();

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => values.TryGetValue(key, out value);

    public void Set(TKey key, TValue value)
    {
        if (!values.ContainsKey(key))
        {
            order.Enqueue(key);
            if (order.Count > most) values.Remove(order.Dequeue());
        }

        values[key] = value;
    }
}
