using Federation.Resources;
using Federation.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>
/// One watch over HTTP. What the client does not read is not buffered: the stream waits for it. Once it lies further behind
/// than the change log reaches, the watch ends with 410; a client that reads nothing for a while is cut off.
/// </summary>
sealed class WatchStream(ObjectStore store, ObjectLists lists, TimeProvider time, ApiMetrics metrics)
{
    static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(30);

    /// <summary>So long before a watch is over it has its last bookmark, as in Kubernetes: the next goes on from there.</summary>
    static readonly TimeSpan BookmarkBeforeEnd = TimeSpan.FromSeconds(2);

    public async Task ServeAsync(HttpContext context, KindInfo kind, Selection selection, WatchRequest request)
    {
        var snapshot = store.Current; // a list shows a commit a moment before the change log does, and a watch may follow it at once
        if (request.From > snapshot.Revision) throw ApiErrors.Expired($"resource version {request.From} is in the future; the newest is {snapshot.Revision}");
        var start = request.Begin || request.From == 0 ? snapshot.Revision : request.From;
        if (start < store.Changes.Last && !store.Changes.TryRead(start + 1, out _)) throw ApiErrors.Expired($"too old resource version: {start}");

        using var place = metrics.OpenWatches.Open(kind.Plural, start);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var limit = time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), end, request.For, Timeout.InfiniteTimeSpan);
        context.Response.ContentType = "application/json;stream=watch";
        await using var writer = new WatchWriter(context, kind, ObjectForms.Of(context.Request), time);
        await context.Response.StartAsync(end.Token);
        await context.Response.BodyWriter.FlushAsync(end.Token); // over HTTP/2 the headers wait for it, and a client for them
        try
        {
            if (request.Begin) await SendAllAsync(writer, snapshot, kind, selection, end.Token);
            if (request.MarksBegin) writer.Bookmark(snapshot.Revision, endsBegin: true);
            await FollowAsync(writer, kind, place, selection, request, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client left, or its time is over: a watch has no other good end.
        }
        catch (ApiException e)
        {
            metrics.WatchExpired(kind.Plural);
            writer.Error(e.Status);
            await writer.FlushAsync(context.RequestAborted);
        }
    }

    static async Task SendAllAsync(WatchWriter writer, Snapshot snapshot, KindInfo kind, Selection selection, CancellationToken cancel)
    {
        foreach (var stored in snapshot.From(kind, selection.Namespace, after: null))
        {
            if (!selection.Matches(stored)) continue;
            writer.Event(new WatchEntry.Event("ADDED", stored, stored.Revision));
            if (writer.IsFull) await writer.FlushAsync(cancel);
        }

        await writer.FlushAsync(cancel);
    }

    async Task FollowAsync(WatchWriter writer, KindInfo kind, OpenWatches.Place place, Selection selection, WatchRequest request, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var due = Next(TimeSpan.Zero);
        await foreach (var entry in lists.WatchAsync(kind, selection, place.Revision, Beat, cancel))
        {
            switch (entry)
            {
                case WatchEntry.Event change:
                    writer.Event(change);
                    if (writer.IsFull) await writer.FlushAsync(cancel);
                    place.Reach(change.Revision);
                    break;
                case WatchEntry.Quiet(var revision):
                    if (request.Bookmarks && time.GetElapsedTime(began) is var now && now >= due)
                    {
                        writer.Bookmark(revision);
                        due = Next(now);
                    }

                    await writer.FlushAsync(cancel);
                    place.Reach(revision);
                    break;
            }
        }

        // When the bookmark after this moment is due, both counted from the begin.
        TimeSpan Next(TimeSpan now)
        {
            var (usual, last) = (now + BookmarkEvery, request.For - BookmarkBeforeEnd);
            return last > now && last < usual ? last : usual;
        }

        Task Beat()
        {
            if (!request.Bookmarks) return Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
            var left = (due - time.GetElapsedTime(began)).TotalMilliseconds;
            return Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(left))), time, cancel);
        }
    }
}
