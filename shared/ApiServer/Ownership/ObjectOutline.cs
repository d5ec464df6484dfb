using System.Text;
using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>
/// Which fields an object has, without their values. Most new objects of a kind have the same, so what follows from them
/// alone, as the set of fields their maker owns, is remembered by it.
/// </summary>
static class ObjectOutline
{
    const int BytesMax = 2048;

    static readonly Pool<Known> Outlines = new();

    /// <summary>What was made for an object of this outline, or is made now.</summary>
    public static FieldsText Find(KindInfo kind, ReadOnlySpan<byte> json, Func<FieldsText> make)
    {
        Span<byte> outline = stackalloc byte[BytesMax];
        if (Draw(kind, json, outline) is not { } length) return make();
        return Outlines.Find(outline[..length], static (known, wanted) => known.Outline.AsSpan().SequenceEqual(wanted), wanted => new(wanted.ToArray(), make())).Fields;
    }

    /// <summary>Names and braces; null where it is too long, or where items of lists in the metadata are fields of their own.</summary>
    static int? Draw(KindInfo kind, ReadOnlySpan<byte> json, Span<byte> outline)
    {
        if (!Encoding.UTF8.TryGetBytes(kind.Plural, outline, out var length)) return null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ResourceJson.DepthMax });
        var isMetadata = false;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when isMetadata:
                    return null;
                case JsonTokenType.StartArray:
                    reader.Skip();
                    break;
                case JsonTokenType.PropertyName:
                    if (reader.CurrentDepth == 1) isMetadata = reader.ValueTextEquals("metadata"u8);
                    if (outline.Length - length < reader.ValueSpan.Length + 1) return null;
                    outline[length++] = (byte)'"';
                    reader.ValueSpan.CopyTo(outline[length..]);
                    length += reader.ValueSpan.Length;
                    break;
                case JsonTokenType.StartObject or JsonTokenType.EndObject:
                    if (outline.Length == length) return null;
                    outline[length++] = (byte)(reader.TokenType is JsonTokenType.StartObject ? '{' : '}');
                    break;
            }
        }

        return length;
    }

    sealed record Known(byte[] Outline, FieldsText Fields);
}
