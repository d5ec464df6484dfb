using System.Globalization;
using System.Text;
using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Lists and watches. All pages of one list come from one snapshot.</summary>
public sealed class ObjectLists(ObjectStore store)
{
    /// <summary>Snapshots kept for lists that have further pages; the oldest goes first.</summary>
    const int SnapshotsMax = 32;

    const string Gone = "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
        + "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with "
        + "the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the "
        + "first chunk was returned and now may show up in the list.";

    const string Match = "resourceVersionMatch";
    const string Exact = "Exact";
    const string NotOlderThan = "NotOlderThan";

    readonly Lock gate = new();
    readonly Queue<Snapshot> paged = new();

    public ListPage List(KindInfo kind, ListOptions options)
    {
        CheckMatch(options);
        var (snapshot, after) = options.Continue is { Length: > 0 } token ? Resume(kind, token) : (At(options), null);
        List<StoredObject> page = [];
        foreach (var stored in snapshot.From(kind, options.Selection.Namespace, after))
        {
            if (!options.Selection.Matches(stored)) continue;
            if (options.Limit > 0 && page.Count == options.Limit) return More(snapshot, page, options);
            page.Add(stored);
        }

        return new(snapshot.Revision, page, Continue: null, Remaining: null);
    }

    /// <summary>The changes behind a revision that concern a selection, as they come; ends only when cancelled or too far behind.</summary>
    /// <param name="beat">Makes the task after which a watch that hears nothing is told so.</param>
    /// <exception cref="ApiException">410 when the revision is no longer, or not yet, known.</exception>
    public async IAsyncEnumerable<WatchEntry> WatchAsync(
        KindInfo kind, Selection selection, long revision, Func<Task> beat, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var next = beat();
        if (revision > store.Current.Revision) throw ApiErrors.Expired($"resource version {revision} is in the future; the newest is {store.Current.Revision}");
        while (true)
        {
            for (; revision < store.Changes.Last; revision++)
            {
                if (!store.Changes.TryRead(revision + 1, out var change)) throw ApiErrors.Expired($"too old resource version: {revision}");
                if (Entry(kind, selection, change) is { } entry) yield return entry;
            }

            yield return new WatchEntry.Quiet(revision);
            var news = store.Changes.WaitAsync(revision, cancel);
            while (await Task.WhenAny(news, next) != news)
            {
                await next;
                yield return new WatchEntry.Quiet(revision);
                next = beat();
            }

            await news;
        }
    }

    /// <summary>How one selection sees a change: what moves into it is added, what moves out of it is deleted.</summary>
    static WatchEntry.Event? Entry(KindInfo kind, Selection selection, Change change)
    {
        if (change.Latest.Kind != kind) return null;
        var was = change.Before is { } before && selection.Matches(before);
        var isNow = change.After is { } after && selection.Matches(after);
        return (was, isNow) switch
        {
            (false, true) => new WatchEntry.Event("ADDED", change.After!, change.Revision),
            (true, true) => new WatchEntry.Event("MODIFIED", change.After!, change.Revision),
            (true, false) => new WatchEntry.Event("DELETED", change.Gone!, change.Revision),
            _ => null,
        };
    }

    ListPage More(Snapshot snapshot, List<StoredObject> page, ListOptions options)
    {
        Keep(snapshot);
        var token = new PageToken(snapshot.Revision, page[^1].Namespace, page[^1].Name);
        long? remaining = options.Selection is { Labels: null, Fields: null, Namespace: null } ? snapshot.CountBehind(page[^1]) : null;
        return new(snapshot.Revision, page, token.ToText(), remaining);
    }

    void Keep(Snapshot snapshot)
    {
        lock (gate)
        {
            if (paged.Contains(snapshot)) return;
            paged.Enqueue(snapshot);
            if (paged.Count > SnapshotsMax) paged.Dequeue();
        }
    }

    (Snapshot Snapshot, StoredObject After) Resume(KindInfo kind, string text)
    {
        var token = PageToken.Read(text) ?? throw ApiErrors.BadRequest("continue: the token is not one this server gave", [FieldError.Invalid("continue", text, "must be a token from an earlier page")]);
        var after = StoredObject.Key(kind, token.Namespace, token.Name);
        if (token.Revision == PageToken.AnyMoment) return (store.Current, after);
        return (Known(token.Revision) ?? throw Outdated(token), after);
    }

    /// <summary>The whole list as it was at this revision, if it is still held.</summary>
    Snapshot? Known(long revision)
    {
        if (store.Current is var current && current.Revision == revision) return current;
        lock (gate) return paged.FirstOrDefault(snapshot => snapshot.Revision == revision);
    }

    /// <summary>Says so with a token that goes on behind the same object, in the list as it is by then.</summary>
    static ApiException Outdated(PageToken token) => new(ApiErrors.Expired(Gone).Status with
    {
        Metadata = new Dictionary<string, string> { ["continue"] = (token with { Revision = PageToken.AnyMoment }).ToText() },
    });

    Snapshot At(ListOptions options)
    {
        var current = store.Current;
        if (options.ResourceVersion is not { Length: > 0 } text) return current;
        var revision = ParseRevision(text);
        if (revision > current.Revision) throw ApiErrors.TooLargeVersion(revision, current.Revision);
        return options.ResourceVersionMatch is Exact ? Known(revision) ?? throw ApiErrors.Expired($"too old resource version: {revision}") : current;
    }

    static void CheckMatch(ListOptions options)
    {
        var continues = options.Continue is { Length: > 0 };
        var versioned = options.ResourceVersion is { Length: > 0 };
        if (continues && versioned && options.ResourceVersion is not "0") throw ApiErrors.BadRequest("specifying resource version is not allowed when using continue");
        if (options.ResourceVersionMatch is not { Length: > 0 } match) return;
        if (!versioned) throw ApiErrors.InvalidOptions(FieldError.Forbidden(Match, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        if (continues) throw ApiErrors.InvalidOptions(FieldError.Forbidden(Match, "resourceVersionMatch is forbidden when continue is provided"));
        if (match is not (Exact or NotOlderThan)) throw ApiErrors.InvalidOptions(FieldError.Unsupported(Match, match, [Exact, NotOlderThan]));
        if (match is Exact && options.ResourceVersion is "0") throw ApiErrors.InvalidOptions(FieldError.Forbidden(Match, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
    }

    public static long ParseRevision(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw ApiErrors.BadRequest($"resourceVersion: invalid value \"{(text.Length > 64 ? text[..64] : text)}\"", [FieldError.Invalid("resourceVersion", text, "must be one this server gave")]);

    sealed record PageToken(long Revision, string Namespace, string Name)
    {
        /// <summary>Stands for the revision where the list goes on in whatever is current.</summary>
        public const long AnyMoment = -1;

        public string ToText() => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this));

        public static PageToken? Read(string text)
        {
            try
            {
                return text.Length > 2048 ? null : JsonSerializer.Deserialize<PageToken>(Encoding.UTF8.GetString(Convert.FromBase64String(text)));
            }
            catch (Exception e) when (e is FormatException or JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>What a watch has to say. Closed.</summary>
public abstract record WatchEntry
{
    WatchEntry() { }

    /// <summary>ADDED, MODIFIED or DELETED, with the object; a deleted one in its last version, at the revision it went.</summary>
    public sealed record Event(string Type, StoredObject Stored, long Revision) : WatchEntry;

    /// <summary>Everything up to this revision has been said.</summary>
    public sealed record Quiet(long Revision) : WatchEntry;
}
