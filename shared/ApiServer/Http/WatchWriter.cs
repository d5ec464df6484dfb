using System.Globalization;
using System.Text.Json;
using Federation.Resources;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>
/// Writes a watch's events in the form its client asked for. Whole objects go out as the bytes they are stored as, the same
/// for all who watch. A client that takes nothing for a while is cut off.
/// </summary>
sealed class WatchWriter : IAsyncDisposable
{
    /// <summary>How long a client may leave what it was sent unread.</summary>
    public static readonly TimeSpan StallMax = TimeSpan.FromSeconds(30);

    readonly HttpResponse response;
    readonly KindInfo kind;
    readonly ObjectForm form;
    readonly TableRows rows;
    readonly TimeProvider time;
    readonly ITimer stall;
    bool columnsSent;

    public WatchWriter(HttpContext context, KindInfo kind, ObjectForm form, TimeProvider time)
    {
        (response, this.kind, this.form, this.time) = (context.Response, kind, form, time);
        if (form is ObjectForm.Table) rows = TableRowsQuery.Of(context.Request);
        stall = time.CreateTimer(static context => ((HttpContext)context!).Abort(), context, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsFull => response.BodyWriter.UnflushedBytes >= ListWriter.FlushAt;

    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        if (response.BodyWriter.UnflushedBytes == 0) return;
        var flushing = response.BodyWriter.FlushAsync(cancel).AsTask();
        if (!flushing.IsCompleted) stall.Change(StallMax, Timeout.InfiniteTimeSpan);
        try
        {
            await flushing;
        }
        finally
        {
            stall.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Event(WatchEntry.Event change)
    {
        switch (form)
        {
            case ObjectForm.Table:
                ListWriter.WriteEvent(response.BodyWriter, change.Type, writer => WriteRow(writer, change.Stored));
                break;
            case ObjectForm.Metadata:
                ListWriter.WriteEvent(response.BodyWriter, change.Type, writer => ListWriter.WriteMetadata(writer, change.Stored));
                break;
            default:
                ListWriter.WriteEvent(response.BodyWriter, change.Type, change.Stored.Json.Span);
                break;
        }
    }

    public void Bookmark(long revision, bool endsBegin = false) => ListWriter.WriteEvent(response.BodyWriter, "BOOKMARK", writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", form switch { ObjectForm.Table => "Table", ObjectForm.Metadata => "PartialObjectMetadata", _ => kind.Name });
        writer.WriteString("apiVersion", form is ObjectForm.Whole ? kind.ApiVersion : "meta.k8s.io/v1");
        writer.WriteStartObject("metadata");
        writer.WriteString("resourceVersion", revision.ToString(CultureInfo.InvariantCulture));
        if (endsBegin)
        {
            writer.WriteStartObject("annotations");
            writer.WriteString("k8s.io/initial-events-end", "true");
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (form is ObjectForm.Table) WriteNoRows(writer);
        writer.WriteEndObject();
    });

    static void WriteNoRows(Utf8JsonWriter writer)
    {
        foreach (var part in new[] { "columnDefinitions", "rows" })
        {
            writer.WriteStartArray(part);
            writer.WriteEndArray();
        }
    }

    public void Error(ApiStatus status) =>
        ListWriter.WriteEvent(response.BodyWriter, "ERROR", writer => JsonSerializer.Serialize(writer, status, ResourceJson.Lenient));

    public ValueTask DisposeAsync() => stall.DisposeAsync();

    void WriteRow(Utf8JsonWriter writer, StoredObject stored)
    {
        var table = TableWriter.Of(kind, new ListPage(stored.Revision, [stored], Continue: null, Remaining: null), rows, withColumns: !columnsSent, time.GetUtcNow());
        table.Begin(writer);
        table.Object(writer, stored);
        ListForm.End(writer);
        columnsSent = true;
    }
}
