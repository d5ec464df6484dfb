using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Federation.ApiServer;

/// <summary>
/// Copies of a store. A copy is marked as one, so that a process that finds it in its folder knows that it does not know
/// what came after.
/// </summary>
public static class SqliteBackup
{
    /// <summary>In the table of meta values, with the moment the copy was made.</summary>
    internal const string MarkKey = "copied";

    /// <summary>
    /// Copies a folder's store as it stands at one moment, also while a process works on it. The file appears whole or not
    /// at all.
    /// </summary>
    /// <exception cref="IOException">There is no store, the target exists, or one of them cannot be used.</exception>
    public static void Write(string folder, string file, DateTimeOffset now)
    {
        var source = Path.Combine(folder, SqliteStorage.FileName);
        if (!File.Exists(source)) throw new IOException($"there is no store in {folder}");
        if (Path.Exists(file)) throw new IOException($"{file} exists; a backup is never written over another");

        var part = $"{file}.part";
        File.Delete(part);
        try
        {
            using (var connection = Open(source, SqliteOpenMode.ReadOnly)) Execute(connection, "VACUUM INTO $value", part);
            using (var connection = Open(part, SqliteOpenMode.ReadWrite))
            {
                Execute(connection, $"INSERT OR REPLACE INTO meta VALUES('{MarkKey}', $value)", now.ToString("O", CultureInfo.InvariantCulture));
            }

            Sync(part);
            File.Move(part, file);
        }
        catch (SqliteException e)
        {
            File.Delete(part);
            throw new IOException($"{source} cannot be copied to {file}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Puts a backup into a folder nobody works on. What the folder held is moved aside, not deleted; the file is looked
    /// through first.
    /// </summary>
    /// <returns>Where what was there before is now; null when there was nothing.</returns>
    /// <exception cref="IOException">The file is no backup, or is damaged, or the folder is in use.</exception>
    public static string? PutBack(string file, string folder, DateTimeOffset now)
    {
        Check(file);
        Directory.CreateDirectory(folder);
        using var guard = SqliteStorage.LockFolder(folder);
        var target = Path.Combine(folder, SqliteStorage.FileName);
        var part = $"{target}.part";
        File.Copy(file, part, overwrite: true);
        Sync(part);
        var aside = MoveAside(folder, now);
        File.Move(part, target);
        return aside;
    }

    /// <summary>A write-ahead log belongs to its file: left behind, it would be played into the other one.</summary>
    static string? MoveAside(string folder, DateTimeOffset now)
    {
        var target = Path.Combine(folder, SqliteStorage.FileName);
        if (!File.Exists(target)) return null;
        var aside = Directory.CreateDirectory(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"replaced-{now:yyyyMMddHHmmssfff}"))).FullName;
        foreach (var ending in new[] { "-wal", "-shm", "" })
        {
            if (File.Exists(target + ending)) File.Move(target + ending, Path.Combine(aside, SqliteStorage.FileName + ending));
        }

        return aside;
    }

    static void Check(string file)
    {
        if (!File.Exists(file)) throw new IOException($"there is no backup {file}");
        try
        {
            using var connection = Open(file, SqliteOpenMode.ReadOnly);
            if (Execute(connection, "PRAGMA integrity_check", value: null) is not "ok") throw new IOException($"{file} is damaged");
            if (Execute(connection, "SELECT value FROM meta WHERE key = 'epoch'", value: null) is null) throw new IOException($"{file} is no backup of a store");
        }
        catch (SqliteException e)
        {
            throw new IOException($"{file} is no backup of a store: {e.Message}", e);
        }
    }

    static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The texts are constants of this file.")]
    static string? Execute(SqliteConnection connection, string text, string? value)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        if (value is not null) command.Parameters.AddWithValue("$value", value);
        return command.ExecuteScalar()?.ToString();
    }

    static void Sync(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }
}
