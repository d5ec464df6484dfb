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
