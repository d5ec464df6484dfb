using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Federation.ApiServer;

/// <summary>
/// A prepared statement that answers no rows. It goes to SQLite directly: a data provider around it costs as much again as
/// the row.
/// </summary>
sealed class WriteStatement : IDisposable
{
    const int TextOnStack = 512;

    readonly sqlite3 database;
    readonly sqlite3_stmt statement;

    public WriteStatement(SqliteConnection connection, string text)
    {
        database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(database, text, out statement), raw.SQLITE_OK);
    }

    /// <param name="at">The place of the parameter, from 1.</param>
    public void Bind(int at, string text)
    {
        if (text.Length == 0)
        {
            Check(raw.sqlite3_bind_text(statement, at, text), raw.SQLITE_OK); // no bytes at all would be NULL
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > TextOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[TextOnStack];
        Check(raw.sqlite3_bind_text(statement, at, bytes[..Encoding.UTF8.GetBytes(text, bytes)]), raw.SQLITE_OK);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    public void Bind(int at, long number) => Check(raw.sqlite3_bind_int64(statement, at, number), raw.SQLITE_OK);

    public void Bind(int at, ReadOnlySpan<byte> bytes) => Check(raw.sqlite3_bind_blob(statement, at, bytes), raw.SQLITE_OK);

    public void Run() => Check(TryRun(), raw.SQLITE_DONE);

    /// <summary>SQLite's result code.</summary>
    public int TryRun()
    {
        var result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        return result;
    }

    public void Dispose() => statement.Dispose();

    void Check(int result, int expected)
    {
        if (result != expected) throw new SqliteException($"{raw.sqlite3_errmsg(database).utf8_to_string()} ({result})", result);
    }
}
