using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Lists as <c>meta.k8s.io/v1</c> Tables: the columns <c>kubectl get</c> prints.</summary>
static class TableWriter
{
    public static ListForm Of(KindInfo kind, ListPage page, TableRows rows, bool withColumns, DateTimeOffset now) => new(
        writer => Begin(writer, kind, page, withColumns),
        (writer, stored) => WriteRow(writer, kind, stored, rows, now));

    static void Begin(Utf8JsonWriter writer, KindInfo kind, ListPage page, bool withColumns)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/v1");
        ListWriter.WriteListMeta(writer, page);
        writer.WriteStartArray("columnDefinitions");
        if (withColumns) WriteColumns(writer, kind);
        writer.WriteEndArray();
        writer.WriteStartArray("rows");
    }

    static void WriteColumns(Utf8JsonWriter writer, KindInfo kind)
    {
        if (BeginsWithName(kind)) WriteColumn(writer, "Name", "string", "name", 0);
        foreach (var column in kind.Columns) WriteColumn(writer, column.Name, column.Type is "date" or ColumnAttribute.Reference ? "string" : column.Type, column.Name is "Name" ? "name" : "", column.Priority);
    }

    static void WriteColumn(Utf8JsonWriter writer, string name, string type, string format, int priority)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("type", type);
        writer.WriteString("format", format);
        writer.WriteString("description", "");
        writer.WriteNumber("priority", priority);
        writer.WriteEndObject();
    }

    /// <summary>As tables do, unless the kind has its own place for the name.</summary>
    static bool BeginsWithName(KindInfo kind) => kind.Columns.All(static column => column.Name is not "Name");

    static void WriteRow(Utf8JsonWriter writer, KindInfo kind, StoredObject stored, TableRows rows, DateTimeOffset now)
    {
        using var document = JsonDocument.Parse(stored.Json);
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        if (BeginsWithName(kind)) writer.WriteStringValue(stored.Name);
        foreach (var column in kind.Columns) WriteCell(writer, column, JsonPath.Find(document.RootElement, column.JsonPath), now);
        writer.WriteEndArray();
        writer.WritePropertyName("object");
        if (rows is TableRows.Metadata) ListWriter.WriteMetadata(writer, document.RootElement.GetProperty("metadata"));
        else if (rows is TableRows.Object) document.RootElement.WriteTo(writer);
        else writer.WriteNullValue();
        writer.WriteEndObject();
    }

    static void WriteCell(Utf8JsonWriter writer, ColumnAttribute column, JsonElement? value, DateTimeOffset now)
    {
        switch (value)
        {
            case null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined }:
                if (column.Type is "integer" or "boolean") writer.WriteNullValue();
                else writer.WriteStringValue("");
                break;
            case { ValueKind: JsonValueKind.String } moment when column.Type is "date":
                writer.WriteStringValue(moment.TryGetDateTimeOffset(out var at) ? Age(now - at) : "<unknown>");
                break;
            case { ValueKind: JsonValueKind.Object } reference when column.Type is ColumnAttribute.Reference:
                writer.WriteStringValue($"{JsonPath.Text(reference, "kind").ToLowerInvariant()}/{JsonPath.Text(reference, "name")}");
                break;
            case { ValueKind: JsonValueKind.Number } number when column.Type is "string":
                writer.WriteStringValue(number.GetRawText());
                break;
            case { } other:
                other.WriteTo(writer);
                break;
        }
    }

    /// <summary>As kubectl prints durations: two units while they say something.</summary>
    static string Age(TimeSpan age)
    {
        if (age < TimeSpan.Zero) age = TimeSpan.Zero;
        return FormattableString.Invariant(age switch
        {
            { TotalSeconds: < 120 } => $"{(int)age.TotalSeconds}s",
            { TotalMinutes: < 10 } => age.Seconds == 0 ? (FormattableString)$"{age.Minutes}m" : $"{age.Minutes}m{age.Seconds}s",
            { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
            { TotalHours: < 8 } => age.Minutes == 0 ? (FormattableString)$"{age.Hours}h" : $"{age.Hours}h{age.Minutes}m",
            { TotalHours: < 48 } => $"{(int)age.TotalHours}h",
            { TotalDays: < 8 } => age.Hours == 0 ? (FormattableString)$"{age.Days}d" : $"{age.Days}d{age.Hours}h",
            _ => $"{(int)age.TotalDays}d",
        });
    }
}
