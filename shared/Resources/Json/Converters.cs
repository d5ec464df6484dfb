using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Federation.Domain.Addressing;

namespace Federation.Resources;

/// <summary>Enums by their exact names. Numbers, other cases and the zero are refused.</summary>
sealed class NamedEnumConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

    sealed class Of<T> : JsonConverter<T> where T : struct, Enum
    {
        readonly FrozenDictionary<string, T> values = Enum.GetValues<T>()
            .Where(value => Convert.ToInt64(value, CultureInfo.InvariantCulture) != 0)
            .ToFrozenDictionary(value => value.ToString(), StringComparer.Ordinal);

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String && values.TryGetValue(reader.GetString()!, out var value)
                ? value
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}

/// <summary>Blocks as canonical text.</summary>
sealed class CidrConverter : JsonConverter<Cidr>
{
    public override Cidr Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && Cidr.TryParse(reader.GetString(), out var block) ? block : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, Cidr value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[Cidr.TextMax];
        value.TryFormat(text, out var written, default, null);
        writer.WriteStringValue(text[..written]);
    }
}

/// <summary>Moments as Kubernetes writes them: RFC 3339 in UTC, whole seconds. Fractions are read, and kept as far as given.</summary>
sealed class TimestampConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.String && reader.TryGetDateTimeOffset(out var moment) ? moment.ToUniversalTime() : throw new JsonException();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        var utc = value.ToUniversalTime();
        var wholeSeconds = utc.Ticks % TimeSpan.TicksPerSecond == 0;
        writer.WriteStringValue(utc.ToString(wholeSeconds ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
    }
}
