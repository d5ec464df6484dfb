namespace Federation.Resources;

/// <summary>Remembers a bounded number of values by their bytes. Two threads may at worst make the same value twice.</summary>
/// <param name="size">How many at most.</param>
public sealed class Pool<T>(int size = 1024) where T : class
{
    readonly T?[] slots = new T?[size];

    /// <summary>The value known for these bytes, or a new one.</summary>
    public T Find(ReadOnlySpan<byte> bytes, SpanTest isSame, SpanMake make)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        ref var slot = ref slots[(uint)hash.ToHashCode() % slots.Length];
        var known = Volatile.Read(ref slot);
        if (known is not null && isSame(known, bytes)) return known;
        var made = make(bytes);
        Volatile.Write(ref slot, made);
        return made;
    }

    /// <summary>Whether a value is that of these bytes.</summary>
    public delegate bool SpanTest(T known, ReadOnlySpan<byte> bytes);

    /// <summary>Makes the value of these bytes.</summary>
    public delegate T SpanMake(ReadOnlySpan<byte> bytes);
}
