using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Federation.ApiServer;

/// <summary>
/// Objects in one SQLite file: write-ahead log, synchronous FULL, one transaction a group. The file is locked for as long
/// as it is open, so a second process on the same folder is refused. SQLite blocks its caller; a thread of its own does
/// the waiting.
/// </summary>
public sealed class SqliteStorage : IObjectStorage
{
    readonly SqliteConnection connection;
    readonly FileStream guard;

    /// <summary>Prepared once: preparing costs as much as writing a row.</summary>
    readonly SqliteCommand put;
    readonly SqliteCommand remove;
    readonly SqliteCommand record;
    readonly SqliteCommand advance;

    Task committing = Task.CompletedTask;

    SqliteStorage(SqliteConnection connection, FileStream guard)
    {
        (this.connection, this.guard) = (connection, guard);
        put = Command("INSERT OR REPLACE INTO objects VALUES($kind, $namespace, $name, $revision, $json)", "$kind", "$namespace", "$name", "$revision", "$json");
        remove = Command("DELETE FROM objects WHERE kind = $kind AND namespace = $namespace AND name = $name", "$kind", "$namespace", "$name");
        record = Command("INSERT INTO audit(at, actor, action, subject, detail) VALUES($at, $actor, $action, $subject, $detail)", "$at", "$actor", "$action", "$subject", "$detail");
        advance = Command("UPDATE meta SET value = $value WHERE key = 'revision'", "$value");
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
            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "objects.db"), Pooling = false }.ToString());
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

        return new(new StoredState(Meta("epoch"), long.Parse(Meta("revision"), CultureInfo.InvariantCulture), rows));
    }

    public async ValueTask CommitAsync(CommitBatch batch) =>
        await (committing = Task.Factory.StartNew(() => Commit(batch), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default));

    /// <summary>Lets a commit on its way end first: the connection is not safe for two.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(committing);
        foreach (var command in new[] { put, remove, record, advance }) await command.DisposeAsync();
        await connection.DisposeAsync();
        await guard.DisposeAsync();
    }

    void Commit(CommitBatch batch)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var command in new[] { put, remove, record, advance }) command.Transaction = transaction;
        WriteObjects(batch.Writes);
        WriteAudit(batch.Audit);
        advance.Parameters[0].Value = batch.Revision.ToString(CultureInfo.InvariantCulture);
        advance.ExecuteNonQuery();
        transaction.Commit();
    }

    void WriteObjects(IReadOnlyList<ObjectWrite> writes)
    {
        foreach (var write in writes)
        {
            var command = write.Json is null ? remove : put;
            command.Parameters[0].Value = write.Kind;
            command.Parameters[1].Value = write.Namespace;
            command.Parameters[2].Value = write.Name;
            if (write.Json is { } json)
            {
                command.Parameters[3].Value = write.Revision;
                command.Parameters[4].Value = Bytes(json);
            }

            command.ExecuteNonQuery();
        }
    }

    void WriteAudit(IReadOnlyList<AuditRecord> records)
    {
        foreach (var entry in records)
        {
            record.Parameters[0].Value = entry.At.ToString("O", CultureInfo.InvariantCulture);
            record.Parameters[1].Value = entry.Actor;
            record.Parameters[2].Value = entry.Action;
            record.Parameters[3].Value = entry.Subject;
            record.Parameters[4].Value = entry.Detail;
            record.ExecuteNonQuery();
        }
    }

    /// <summary>The array behind the memory where that is all of it, as for stored objects; else a copy.</summary>
    static byte[] Bytes(ReadOnlyMemory<byte> json) =>
        MemoryMarshal.TryGetArray(json, out var segment) && segment.Array is { } array && array.Length == segment.Count ? array : json.ToArray();

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
