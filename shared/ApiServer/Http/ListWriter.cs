using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Lists and watch events as bytes. Objects go out as they are stored, unparsed.</summary>
static class ListWriter
{
    public static void Write(Utf8JsonWriter writer, KindInfo kind, ListPage page)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", kind.ApiVersion);
        writer.WriteString("kind", $"{kind.Name}List");
        WriteListMeta(writer, page);
        writer.WriteStartArray("items");
        foreach (var stored in page.Items) writer.WriteRawValue(stored.Json.Span, skipInputValidation: true);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The same list with nothing but the metadata of its objects.</summary>
    public static void WriteMetadata(Utf8JsonWriter writer, ListPage page)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", "meta.k8s.io/v1");
        writer.WriteString("kind", "PartialObjectMetadataList");
        WriteListMeta(writer, page);
        writer.WriteStartArray("items");
        foreach (var stored in page.Items) WriteMetadata(writer, stored);
        writer.WriteEndArray();
        writer.WriteEndObject();
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
