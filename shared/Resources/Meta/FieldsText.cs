using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Federation.Resources;

/// <summary>A set of fields as JSON, unparsed. Most objects of a kind are managed alike, so equal texts share their bytes.</summary>
[JsonConverter(typeof(Converter))]
public sealed class FieldsText
{
    static readonly Pool<FieldsText> Known = new();

    readonly byte[] json;

    FieldsText(byte[] json) => this.json = json;

    public ReadOnlyMemory<byte> Json => json;

    public static FieldsText Of(ReadOnlySpan<byte> json) => Known.Find(json, static (known, wanted) => known.json.AsSpan().SequenceEqual(wanted), static wanted => new(wanted.ToArray()));

    sealed class Converter : JsonConverter<FieldsText>
    {
        public override FieldsText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.ValueKind is JsonValueKind.Object ? Of(JsonMarshal.GetRawUtf8Value(document.RootElement)) : throw new JsonException();
        }

        public override void Write(Utf8JsonWriter writer, FieldsText value, JsonSerializerOptions options) => writer.WriteRawValue(value.json, skipInputValidation: true);
    }
}

/// <summary>Words that occur in every object, kept once.</summary>
public sealed class PooledTextConverter : JsonConverter<string>
{
    const int BytesMax = 128;

    static readonly Pool<string> Known = new();

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String) throw new JsonException();
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > BytesMax) return reader.GetString();
        return Known.Find(reader.ValueSpan, static (known, wanted) => Utf8Equal(known, wanted), static wanted => System.Text.Encoding.UTF8.GetString(wanted));
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    static bool Utf8Equal(string known, ReadOnlySpan<byte> wanted)
    {
        Span<char> text = stackalloc char[BytesMax];
        return System.Text.Encoding.UTF8.TryGetChars(wanted, text, out var length) && text[..length].SequenceEqual(known);
    }
}

/// <summary>Remembers a bounded number of values by their bytes. Two threads may at worst make the same value twice.</summary>
public sealed class Pool<T> where T : class
{
    const int Slots = 1024;

    readonly T?[] slots = new T?[Slots];

    /// <summary>The value known for these bytes, or a new one.</summary>
    public T Find(ReadOnlySpan<byte> bytes, SpanTest isSame, SpanMake make)
    {
        var hash = new HashCode();
        hash.AddBytes(bytes);
        ref var slot = ref slots[(uint)hash.ToHashCode() % Slots];
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
