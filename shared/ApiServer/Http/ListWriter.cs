using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>A list in one form: what comes before its objects, and each of them.</summary>
sealed record ListForm(Action<Utf8JsonWriter> Begin, Action<Utf8JsonWriter, StoredObject> Object)
{
    public static void End(Utf8JsonWriter writer)
    {
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

/// <summary>Lists and watch events as bytes. Objects go out as they are stored, unparsed.</summary>
static class ListWriter
{
    /// <summary>Bytes after which what is written is sent.</summary>
    public const int FlushAt = 64 * 1024;

    public static ListForm Whole(KindInfo kind, ListPage page) => new(
        writer => Begin(writer, kind.ApiVersion, $"{kind.Name}List", page),
        static (writer, stored) => writer.WriteRawValue(stored.Json.Span, skipInputValidation: true));

    /// <summary>The same list with nothing but the metadata of its objects.</summary>
    public static ListForm Metadata(ListPage page) => new(writer => Begin(writer, "meta.k8s.io/v1", "PartialObjectMetadataList", page), WriteMetadata);

    static void Begin(Utf8JsonWriter writer, string apiVersion, string kind, ListPage page)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", apiVersion);
        writer.WriteString("kind", kind);
        WriteListMeta(writer, page);
        writer.WriteStartArray("items");
    }

    public static void WriteMetadata(Utf8JsonWriter writer, StoredObject stored)
    {
        using var document = JsonDocument.Parse(stored.Json);
        WriteMetadata(writer, document.RootElement.GetProperty("metadata"));
    }

    public static void WriteMetadata(Utf8JsonWriter writer, JsonElement metadata)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "PartialObjectMetadata");
        writer.WriteString("apiVersion", "meta.k8s.io/v1");
        writer.WritePropertyName("metadata");
        metadata.WriteTo(writer);
        writer.WriteEndObject();
    }

    public static void WriteListMeta(Utf8JsonWriter writer, ListPage page)
    {
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", page.Revision.ToString(CultureInfo.InvariantCulture));
        if (page.Continue is not null) writer.WriteString("continue", page.Continue);
        if (page.Remaining is { } remaining) writer.WriteNumber("remainingItemCount", remaining);
        writer.WriteEndObject();
    }

    /// <summary><c>{"type":...,"object":...}</c> and a line end.</summary>
    public static void WriteEvent(IBufferWriter<byte> output, string type, Action<Utf8JsonWriter> writeObject)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WritePropertyName("object");
            writeObject(writer);
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>The same of an object as it is stored: nothing is written anew for it.</summary>
    /// <param name="type">ADDED, MODIFIED or DELETED.</param>
    public static void WriteEvent(IBufferWriter<byte> output, string type, ReadOnlySpan<byte> stored)
    {
        output.Write(type switch
        {
            "ADDED" => "{\"type\":\"ADDED\",\"object\":"u8,
            "MODIFIED" => "{\"type\":\"MODIFIED\",\"object\":"u8,
            "DELETED" => "{\"type\":\"DELETED\",\"object\":"u8,
            _ => throw new System.Diagnostics.UnreachableException(type),
        });
        output.Write(stored);
        output.Write("}\n"u8);
    }
}
