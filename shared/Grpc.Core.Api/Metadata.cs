using System.Collections;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call, in order; a key may occur more than once.</summary>
public sealed partial class Metadata : IList<Metadata.Entry>
{
    /// <summary>Keys with this ending carry bytes, all others printable ASCII.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>Shared by all who have nothing to say, hence read-only.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    readonly List<Entry> entries = [];

    public Metadata() : this(isReadOnly: false)
    {
    }

    Metadata(bool isReadOnly) => IsReadOnly = isReadOnly;

    public int Count => entries.Count;

    public bool IsReadOnly { get; }

    public Entry this[int index]
    {
        get => entries[index];
        set => Writable()[index] = Required(value);
    }

    /// <summary>The last entry with the key, because the last one wins where only one is expected.</summary>
    public Entry? Get(string key)
    {
        var wanted = Entry.Normalize(key);
        return entries.FindLast(entry => entry.Key == wanted);
    }

    public string? GetValue(string key) => Get(key)?.Value;

    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key)
    {
        var wanted = Entry.Normalize(key);
        return entries.Where(entry => entry.Key == wanted);
    }

    public void Add(Entry item) => Writable().Add(Required(item));

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Insert(int index, Entry item) => Writable().Insert(index, Required(item));

    public bool Remove(Entry item) => Writable().Remove(item);

    public void RemoveAt(int index) => Writable().RemoveAt(index);

    public void Clear() => Writable().Clear();

    public bool Contains(Entry item) => entries.Contains(item);

    public int IndexOf(Entry item) => entries.IndexOf(item);

    public void CopyTo(Entry[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    List<Entry> Writable() => IsReadOnly ? throw new InvalidOperationException("The metadata is read-only.") : entries;

    static Entry Required(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item;
    }
}
