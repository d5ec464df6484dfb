using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Federation.Resources;

/// <summary>Text that many objects have alike is kept once: kinds, namespaces, pools, reasons, the uid that another object refers to.</summary>
sealed class SharedStringConverter : JsonConverter<string>
{
    /// <summary>Longer text is seldom had twice.</summary>
    const int LengthMax = 64;

    readonly Pool<string> known = new(32768);

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String ? Text(ref reader) : throw new JsonException();

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Text(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    string Text(ref Utf8JsonReader reader) =>
        !reader.HasValueSequence && !reader.ValueIsEscaped && reader.ValueSpan.Length <= LengthMax && Ascii.IsValid(reader.ValueSpan)
            ? known.Find(reader.ValueSpan, static (known, wanted) => Ascii.Equals(wanted, known), static wanted => Encoding.ASCII.GetString(wanted))
            : reader.GetString()!;
}
