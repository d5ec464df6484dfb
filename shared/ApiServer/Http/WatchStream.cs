using System.Globalization;
using System.Text.Json;
using Federation.Resources;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>
/// One watch over HTTP. What the client does not read is not buffered: the stream waits for it, and once it lies further
/// behind than the change log reaches, the watch ends with 410.
/// </summary>
sealed class WatchStream(ObjectStore store, ObjectLists lists, TimeProvider time)
{
    const int TimeoutSecondsMax = 3600;
    const int TimeoutSecondsDefault = 1800;

    static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(30);

    public async Task ServeAsync(HttpContext context, KindInfo kind, Selection selection, bool asTable)
    {
        var query = context.Request.Query;
        var bookmarks = query["allowWatchBookmarks"] == "true";
        var from = query["resourceVersion"].ToString() is { Length: > 0 } text ? ObjectLists.ParseRevision(text) : 0;
        var snapshot = store.Current;
        var start = from == 0 ? snapshot.Revision : from;
        if (start > store.Changes.Last) throw ApiErrors.Expired($"resource version {start} is in the future; the newest is {store.Changes.Last}");
        if (start < store.Changes.Last && !store.Changes.TryRead(start + 1, out _)) throw ApiErrors.Expired($"too old resource version: {start}");

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var limit = time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), end, Timeout(query["timeoutSeconds"]), System.Threading.Timeout.InfiniteTimeSpan);
        context.Response.ContentType = "application/json;stream=watch";
        var writer = new EventWriter(context.Response, kind, asTable, time);
        await context.Response.StartAsync(end.Token);
        try
        {
            if (from == 0) await SendAllAsync(writer, snapshot, kind, selection, end.Token);
            await FollowAsync(writer, kind, selection, start, bookmarks, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client left, or its time is over: a watch has no other good end.
        }
        catch (ApiException e)
        {
            writer.Error(e.Status);
            await writer.FlushAsync(context.RequestAborted);
        }
    }

    static async Task SendAllAsync(EventWriter writer, Snapshot snapshot, KindInfo kind, Selection selection, CancellationToken cancel)
    {
        foreach (var stored in snapshot.From(kind, selection.Namespace, after: null))
        {
            if (!selection.Matches(stored)) continue;
            writer.Event(new WatchEntry.Event("ADDED", stored, stored.Revision));
            if (writer.IsFull) await writer.FlushAsync(cancel);
        }

        await writer.FlushAsync(cancel);
    }

    async Task FollowAsync(EventWriter writer, KindInfo kind, Selection selection, long start, bool bookmarks, CancellationToken cancel)
    {
        var lastBookmark = time.GetTimestamp();
        await foreach (var entry in lists.WatchAsync(kind, selection, start, cancel))
        {
            switch (entry)
            {
                case WatchEntry.Event change:
                    writer.Event(change);
                    if (writer.IsFull) await writer.FlushAsync(cancel);
                    break;
                case WatchEntry.Quiet(var revision):
                    if (bookmarks && time.GetElapsedTime(lastBookmark) >= BookmarkEvery)
                    {
                        writer.Bookmark(revision);
                        lastBookmark = time.GetTimestamp();
                    }

                    await writer.FlushAsync(cancel);
                    break;
            }
        }
    }

    static TimeSpan Timeout(string? text)
    {
        if (text is null or "") return TimeSpan.FromSeconds(TimeoutSecondsDefault);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) throw ApiErrors.BadRequest("timeoutSeconds: must be a whole number of seconds", [FieldError.Invalid("timeoutSeconds", text, "must be a whole number of seconds")]);
        return TimeSpan.FromSeconds(seconds is 0 ? TimeoutSecondsDefault : Math.Min(seconds, TimeoutSecondsMax));
    }

    /// <summary>Writes events in the form the client asked for.</summary>
    sealed class EventWriter(HttpResponse response, KindInfo kind, bool asTable, TimeProvider time)
    {
        const int FlushAt = 64 * 1024;

        bool columnsSent;

        public bool IsFull => response.BodyWriter.UnflushedBytes >= FlushAt;

        public async ValueTask FlushAsync(CancellationToken cancel)
        {
            if (response.BodyWriter.UnflushedBytes > 0) await response.BodyWriter.FlushAsync(cancel);
        }

        public void Event(WatchEntry.Event change) => ListWriter.WriteEvent(response.BodyWriter, change.Type, writer =>
        {
            var stored = change.Type is "DELETED" ? AtDeletion(change) : change.Stored;
            if (asTable) WriteRow(writer, stored);
            else writer.WriteRawValue(stored.Json.Span, skipInputValidation: true);
        });

        public void Bookmark(long revision) => ListWriter.WriteEvent(response.BodyWriter, "BOOKMARK", writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind", kind.Name);
            writer.WriteString("apiVersion", kind.ApiVersion);
            writer.WriteStartObject("metadata");
            writer.WriteString("resourceVersion", revision.ToString(CultureInfo.InvariantCulture));
            writer.WriteEndObject();
            writer.WriteEndObject();
        });

        public void Error(ApiStatus status) =>
            ListWriter.WriteEvent(response.BodyWriter, "ERROR", writer => JsonSerializer.Serialize(writer, status, ResourceJson.Lenient));

        void WriteRow(Utf8JsonWriter writer, StoredObject stored)
        {
            TableWriter.Write(writer, kind, new ListPage(stored.Revision, [stored], Continue: null, Remaining: null), withColumns: !columnsSent, time.GetUtcNow());
            columnsSent = true;
        }

        /// <summary>The last version, with the revision at which it went: where a new watch goes on.</summary>
        static StoredObject AtDeletion(WatchEntry.Event change)
        {
            var last = change.Stored.Resource;
            var gone = last with { Metadata = last.Metadata with { ResourceVersion = change.Revision.ToString(CultureInfo.InvariantCulture) } };
            return new StoredObject(change.Stored.Kind, gone, ResourceJson.Write(gone), change.Revision);
        }
    }
}
