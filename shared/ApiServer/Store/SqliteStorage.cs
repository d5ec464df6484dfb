using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Federation.ApiServer;

/// <summary>
/// Objects in one SQLite file: write-ahead log, synchronous FULL, one transaction a group. The file is locked for as long
/// as it is open, so a second process on the same folder is refused. SQLite blocks its caller; a thread of its own does
/// the waiting.
/// </summary>
public sealed class SqliteStorage : IObjectStorage
{
    /// <summary>The file of a folder that holds everything.</summary>
    public const string FileName = "objects.db";

    readonly SqliteConnection connection;
    readonly FileStream guard;

    /// <summary>Prepared once: preparing costs as much as writing a row.</summary>
    readonly WriteStatement begin;
    readonly WriteStatement put;
    readonly WriteStatement remove;
    readonly WriteStatement record;
    readonly WriteStatement advance;
    readonly WriteStatement rename;
    readonly WriteStatement unmark;
    readonly WriteStatement commit;
    readonly WriteStatement rollback;

    readonly BlockingThread committer = new("store");

    SqliteStorage(SqliteConnection connection, FileStream guard)
    {
        (this.connection, this.guard) = (connection, guard);
        begin = new(connection, "BEGIN IMMEDIATE");
        put = new(connection, "INSERT OR REPLACE INTO objects(kind, namespace, name, revision, json) VALUES(?, ?, ?, ?, ?)");
        remove = new(connection, "DELETE FROM objects WHERE kind = ? AND namespace = ? AND name = ?");
        record = new(connection, "INSERT INTO audit(at, actor, action, subject, detail) VALUES(?, ?, ?, ?, ?)");
        advance = new(connection, "UPDATE meta SET value = ? WHERE key = 'revision'");
        rename = new(connection, "UPDATE meta SET value = ? WHERE key = 'epoch'");
        unmark = new(connection, $"DELETE FROM meta WHERE key = '{SqliteBackup.MarkKey}'");
        commit = new(connection, "COMMIT");
        rollback = new(connection, "ROLLBACK");
    }

    /// <summary>Opens or creates the store of a folder.</summary>
    /// <exception cref="IOException">Another process has the folder open.</exception>
    public static SqliteStorage Open(string folder)
    {
        SQLitePCL.Batteries_V2.Init();
        Directory.CreateDirectory(folder);
        var guard = Lock(Path.Combine(folder, "lock"));
        try
        {
            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, FileName), Pooling = false }.ToString());
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;");
            Execute(connection, """
                CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS objects(kind TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                    revision INTEGER NOT NULL, json BLOB NOT NULL, PRIMARY KEY(kind, namespace, name)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS audit(id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL,
                    action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL);
                """);
            return new(connection, guard);
        }
        catch
        {
            guard.Dispose();
            throw;
        }
    }

    /// <summary>Keeps every other process from the folder until disposed.</summary>
    /// <exception cref="IOException">Another process has it open.</exception>
    public static FileStream LockFolder(string folder) => Lock(Path.Combine(folder, "lock"));

    /// <summary>Whether the file is a backup somebody put here.</summary>
    bool IsCopy
    {
        get
        {
            using var command = Command($"SELECT count(*) FROM meta WHERE key = '{SqliteBackup.MarkKey}'");
            return (long)command.ExecuteScalar()! > 0;
        }
    }

    public ValueTask<StoredState> LoadAsync(CancellationToken cancel)
    {
        Execute(connection, "INSERT OR IGNORE INTO meta VALUES('epoch', lower(hex(randomblob(16)))), ('revision', '0');");
        List<StoredRow> rows = [];
        using (var command = Command("SELECT kind, namespace, name, revision, json FROM objects ORDER BY kind, namespace, name"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                cancel.ThrowIfCancellationRequested();
                rows.Add(new(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3), (byte[])reader.GetValue(4)));
            }
        }

        return new(new StoredState(Meta("epoch"), long.Parse(Meta("revision"), CultureInfo.InvariantCulture), rows, IsCopy));
    }

    public ValueTask CommitAsync(CommitBatch batch) => new(committer.RunAsync(() => Commit(batch)));

    /// <summary>Lets a commit on its way end first: the connection is not safe for two.</summary>
    public async ValueTask DisposeAsync()
    {
        await committer.DisposeAsync();
        foreach (var statement in new[] { begin, put, remove, record, advance, rename, unmark, commit, rollback }) statement.Dispose();
        await connection.DisposeAsync();
        await guard.DisposeAsync();
    }

    void Commit(CommitBatch batch)
    {
        begin.Run();
        try
        {
            foreach (var write in batch.Writes) Write(write);
            foreach (var entry in batch.Audit) Record(entry);
            advance.Bind(1, batch.Revision.ToString(CultureInfo.InvariantCulture));
            advance.Run();
            if (batch.StoreEpoch is { } epoch) BeginHistory(epoch);
            commit.Run();
        }
        catch (SqliteException)
        {
            rollback.TryRun(); // SQLite has done so itself after some failures
            throw;
        }
    }

    /// <summary>A new name, and the file is no copy any more.</summary>
    void BeginHistory(string epoch)
    {
        rename.Bind(1, epoch);
        rename.Run();
        unmark.Run();
    }

    void Write(ObjectWrite write)
    {
        var statement = write.Json is null ? remove : put;
        statement.Bind(1, write.Kind);
        statement.Bind(2, write.Namespace);
        statement.Bind(3, write.Name);
        if (write.Json is { } json)
        {
            statement.Bind(4, write.Revision);
            statement.Bind(5, json.Span);
        }

        statement.Run();
    }

    void Record(AuditRecord entry)
    {
        record.Bind(1, entry.At.ToString("O", CultureInfo.InvariantCulture));
        record.Bind(2, entry.Actor);
        record.Bind(3, entry.Action);
        record.Bind(4, entry.Subject);
        record.Bind(5, entry.Detail);
        record.Run();
    }

    string Meta(string key)
    {
        using var command = Command("SELECT value FROM meta WHERE key = $key", "$key");
        command.Parameters[0].Value = key;
        return (string)command.ExecuteScalar()!;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The texts are constants of this file.")]
    SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The texts are constants of this file.")]
    static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"the data folder {Path.GetDirectoryName(path)} is in use by another process", e);
        }
    }
}
