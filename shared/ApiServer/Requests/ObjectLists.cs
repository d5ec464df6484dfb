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

    const string Gone = "The provided continue parameter is too old to display a consistent list result. Start a new list without the continue parameter.";

    readonly Lock gate = new();
    readonly Queue<Snapshot> paged = new();

    public ListPage List(KindInfo kind, ListOptions options)
    {
        var (snapshot, after) = options.Continue is { Length: > 0 } token ? Resume(kind, token) : (store.Current, null);
        CheckVersion(options, snapshot);
        List<StoredObject> page = [];
        foreach (var stored in snapshot.From(kind, options.Selection.Namespace, after))
        {
            if (!options.Selection.Matches(stored)) continue;
            if (options.Limit > 0 && page.Count == options.Limit) return More(kind, snapshot, page, options);
            page.Add(stored);
        }

        return new(snapshot.Revision, page, Continue: null, Remaining: null);
    }

    /// <summary>The changes behind a revision that concern a selection, as they come; ends only when cancelled or too far behind.</summary>
    /// <exception cref="ApiException">410 when the revision is no longer, or not yet, known.</exception>
    public async IAsyncEnumerable<WatchEntry> WatchAsync(
        KindInfo kind, Selection selection, long revision, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (revision > store.Changes.Last) throw ApiErrors.Expired($"resource version {revision} is in the future; the newest is {store.Changes.Last}");
        while (true)
        {
            for (; revision < store.Changes.Last; revision++)
            {
                if (!store.Changes.TryRead(revision + 1, out var change)) throw ApiErrors.Expired($"too old resource version: {revision}");
                if (Entry(kind, selection, change) is { } entry) yield return entry;
            }

            yield return new WatchEntry.Quiet(revision);
            await store.Changes.WaitAsync(revision, cancel);
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
            (true, false) => new WatchEntry.Event("DELETED", change.Before!, change.Revision),
            _ => null,
        };
    }

    ListPage More(KindInfo kind, Snapshot snapshot, List<StoredObject> page, ListOptions options)
    {
        Keep(snapshot);
        var token = new PageToken(snapshot.Revision, page[^1].Namespace, page[^1].Name);
        long? remaining = options.Selection is { Labels: null, Fields: null, Namespace: null } ? snapshot.Count(kind) - page.Count : null;
        return new(snapshot.Revision, page, token.ToText(), options.Continue is null ? remaining : null);
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
        if (store.Current.Revision == token.Revision) return (store.Current, after);
        lock (gate) return (paged.FirstOrDefault(snapshot => snapshot.Revision == token.Revision) ?? throw ApiErrors.Expired(Gone), after);
    }

    static void CheckVersion(ListOptions options, Snapshot snapshot)
    {
        if (options.ResourceVersion is not { Length: > 0 } text || options.Continue is { Length: > 0 })
        {
            if (options is not { ResourceVersionMatch: { Length: > 0 } match, Continue: null or "" }) return;
            throw ApiErrors.BadRequest("resourceVersionMatch is forbidden unless resourceVersion is provided", [FieldError.Forbidden("resourceVersionMatch", $"{match} of no resourceVersion")]);
        }

        var revision = ParseRevision(text);
        if (revision > snapshot.Revision) throw ApiErrors.Expired($"resource version {revision} is in the future; the newest is {snapshot.Revision}");
        if (options.ResourceVersionMatch == "Exact" && revision != snapshot.Revision && revision != 0) throw ApiErrors.Expired($"too old resource version: {revision}");
    }

    public static long ParseRevision(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw ApiErrors.BadRequest($"resourceVersion: invalid value \"{(text.Length > 64 ? text[..64] : text)}\"", [FieldError.Invalid("resourceVersion", text, "must be one this server gave")]);

    sealed record PageToken(long Revision, string Namespace, string Name)
    {
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
