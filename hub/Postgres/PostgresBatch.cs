using Federation.ApiServer;
using Npgsql;
using NpgsqlTypes;

namespace Federation.Hub;

/// <summary>
/// A commit as one round trip: all its statements are one transaction, which the server ends by itself, and of which nothing
/// remains when one of them fails. The first checks the term, and keeps every other writer out until the end.
/// </summary>
static class PostgresBatch
{
    /// <summary>Of one statement; a message of the protocol has a gigabyte at most.</summary>
    const int BytesMax = 16 << 20;

    /// <summary>A term that is over leaves no value for a column that must have one.</summary>
    const string Advance = """
        UPDATE federation.store SET revision = $2, writer = pg_current_xact_id()::xid,
            term = CASE WHEN term = $1 AND revision <= $2 THEN term END
        """;

    const string Rename = "UPDATE federation.store SET epoch = $1, copied = false";

    const string Remove = """
        DELETE FROM federation.objects AS o USING unnest($1, $2, $3) AS gone(kind, namespace, name)
        WHERE o.kind = gone.kind AND o.namespace = gone.namespace AND o.name = gone.name
        """;

    const string Put = """
        INSERT INTO federation.objects AS o (kind, namespace, name, revision, json, space, block)
        SELECT w.kind, w.namespace, w.name, w.revision, w.json, w.space, w.block::cidr FROM unnest($1, $2, $3, $4, $5, $6, $7) AS w(kind, namespace, name, revision, json, space, block)
        ON CONFLICT (kind, namespace, name) DO UPDATE SET revision = excluded.revision, json = excluded.json, space = excluded.space, block = excluded.block
        """;

    const string Record = """
        INSERT INTO federation.audit(at, actor, action, subject, detail)
        SELECT r.at, r.actor, r.action, r.subject, r.detail FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS r(at, actor, action, subject, detail, turn) ORDER BY r.turn
        """;

    public static NpgsqlBatch Of(NpgsqlConnection connection, CommitBatch batch, long term)
    {
        var made = new NpgsqlBatch(connection);
        Add(made, Advance, Value(term), Value(batch.Revision));
        if (batch.StoreEpoch is { } epoch) Add(made, Rename, Value(epoch));
        var latest = Latest(batch.Writes);
        var gone = latest.Where(static write => write.Json is null).ToList();
        if (gone.Count > 0) Add(made, Remove, [.. Keys(gone)]);
        foreach (var part in Parts(latest.Where(static write => write.Json is not null))) Add(made, Put, [.. Keys(part), .. Contents(part)]);
        if (batch.Audit.Count > 0) Add(made, Record, [.. Records(batch.Audit)]);
        return made;
    }

    /// <summary>Of an object that is written more than once the last version: a statement may touch a row once.</summary>
    static List<ObjectWrite> Latest(IReadOnlyList<ObjectWrite> writes)
    {
        var seen = new HashSet<(string, string, string)>(writes.Count);
        List<ObjectWrite> latest = [];
        for (var i = writes.Count - 1; i >= 0; i--)
        {
            if (seen.Add((writes[i].Kind, writes[i].Namespace, writes[i].Name))) latest.Add(writes[i]);
        }

        return latest;
    }

    static IEnumerable<List<ObjectWrite>> Parts(IEnumerable<ObjectWrite> writes)
    {
        List<ObjectWrite> part = [];
        var bytes = 0;
        foreach (var write in writes)
        {
            part.Add(write);
            bytes += write.Json!.Value.Length;
            if (bytes < BytesMax) continue;
            yield return part;
            (part, bytes) = ([], 0);
        }

        if (part.Count > 0) yield return part;
    }

    static IEnumerable<NpgsqlParameter> Keys(List<ObjectWrite> writes) =>
    [
        Texts(writes.Select(static write => write.Kind)),
        Texts(writes.Select(static write => write.Namespace)),
        Texts(writes.Select(static write => write.Name)),
    ];

    static IEnumerable<NpgsqlParameter> Contents(List<ObjectWrite> writes) =>
    [
        Values(writes.Select(static write => write.Revision), NpgsqlDbType.Bigint),
        Values(writes.Select(static write => write.Json!.Value), NpgsqlDbType.Bytea),
        Texts(writes.Select(static write => write.Holding?.Space)),
        Texts(writes.Select(static write => write.Holding?.Block.ToString())),
    ];

    static IEnumerable<NpgsqlParameter> Records(IReadOnlyList<AuditRecord> audit) =>
    [
        Values(audit.Select(static record => record.At.UtcDateTime), NpgsqlDbType.TimestampTz),
        Texts(audit.Select(static record => Storable(record.Actor))),
        Texts(audit.Select(static record => Storable(record.Action))),
        Texts(audit.Select(static record => Storable(record.Subject))),
        Texts(audit.Select(static record => Storable(record.Detail))),
    ];

    /// <summary>Who asked says who they are: a text without what PostgreSQL refuses in one, the null character and halves of pairs.</summary>
    static string Storable(string text) => string.Concat(text.EnumerateRunes().Select(static rune => rune.Value is 0 ? "\uFFFD" : rune.ToString()));

    static NpgsqlParameter<string?[]> Texts(IEnumerable<string?> texts) => Values(texts, NpgsqlDbType.Text);

    static NpgsqlParameter<T[]> Values<T>(IEnumerable<T> values, NpgsqlDbType type) => new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    static void Add(NpgsqlBatch batch, string text, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }
}
