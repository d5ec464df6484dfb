using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Federation.Resources;

/// <summary>
/// Text that many objects have alike is kept once: kinds, namespaces, pools, reasons, the uid that another object refers to.
/// What is kept is bounded: newer text takes the place of older.
/// </summary>
sealed class SharedStringConverter : JsonConverter<string>
{
    /// <summary>Longer text is seldom had twice.</summary>
    const int LengthMax = 64;

    const int Places = 1 << 13;

    /// <summary>Written by any thread: what another has put there meanwhile is text too.</summary>
    readonly string?[] kept = new string?[Places];

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String ? Text(ref reader) : throw new JsonException();

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Text(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    string Text(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueIsEscaped || reader.ValueSpan.Length > LengthMax) return reader.GetString()!;
        Span<char> text = stackalloc char[LengthMax];
        return Ascii.ToUtf16(reader.ValueSpan, text, out var written) is OperationStatus.Done ? Kept(text[..written]) : reader.GetString()!;
    }

    string Kept(ReadOnlySpan<char> text)
    {
        ref var place = ref kept[string.GetHashCode(text) & (Places - 1)];
        return place is { } known && text.SequenceEqual(known) ? known : place = new(text);
    }
}
