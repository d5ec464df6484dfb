using System.Globalization;
using Npgsql;

namespace Federation.Hub;

/// <summary>One connection to a server that keeps what it acknowledges, with tables that are as this hub knows them.</summary>
sealed class PostgresSession : IAsyncDisposable
{
    readonly PostgresTarget target;

    PostgresSession(PostgresTarget target) => (this.target, Connection) = (target, new(target.Connection));

    public NpgsqlConnection Connection { get; }

    /// <exception cref="NpgsqlException">Transient, or the server does not let the hub in.</exception>
    /// <exception cref="IOException">The server or what it holds is not what a hub can use.</exception>
    public static async Task<PostgresSession> OpenAsync(PostgresTarget target, CancellationToken cancel)
    {
        var session = new PostgresSession(target);
        try
        {
            await session.Connection.OpenAsync(cancel);
            await session.PrepareAsync(cancel);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    public async Task ExecuteAsync(string text, CancellationToken cancel)
    {
        await using var command = Command(text);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The one value of the one row that is answered.</summary>
    public async Task<T> AskAsync<T>(string text, object? parameter, CancellationToken cancel)
    {
        await using var command = Command(text);
        if (parameter is not null) command.Parameters.Add(new() { Value = parameter });
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Each row that is answered, in turn.</summary>
    /// <param name="within">How long the server may think before the first.</param>
    public async Task<List<T>> ReadAsync<T>(string text, Func<NpgsqlDataReader, T> read, TimeSpan within, CancellationToken cancel)
    {
        List<T> rows = [];
        await using var command = Command(text);
        command.CommandTimeout = (int)within.TotalSeconds;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel)) rows.Add(read(reader));
        return rows;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    async Task PrepareAsync(CancellationToken cancel)
    {
        if (Connection.PostgreSqlVersion.Major < PostgresSchema.ServerMin) throw Unfit($"runs PostgreSQL {Connection.PostgreSqlVersion}; at least {PostgresSchema.ServerMin} is needed");
        await AskAsync<string>(PostgresSchema.Session, string.Create(CultureInfo.InvariantCulture, $"{target.HangsAfter.TotalSeconds:F0}s"), cancel);
        if (await AskAsync<bool>(PostgresSchema.IsStandby, null, cancel)) throw new NpgsqlException("the server is a standby of another one", new IOException());
        if (await AskAsync<string>(PostgresSchema.Fsync, null, cancel) is not "on") throw Unfit("runs with fsync off: what it acknowledges may be gone after a crash");
        if (!await AskAsync<bool>(PostgresSchema.Exists, null, cancel)) await CreateAsync(cancel);
        if (await AskAsync<int>(PostgresSchema.ReadLayout, null, cancel) is var layout and > PostgresSchema.Layout) throw Unfit($"has tables of layout {layout}; this hub knows {PostgresSchema.Layout}");
    }

    async Task CreateAsync(CancellationToken cancel)
    {
        await using var making = await Connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(PostgresSchema.Create, cancel);
        await making.CommitAsync(cancel);
    }

    IOException Unfit(string why) => new($"the database {target} {why}");

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA2100", Justification = "The texts are constants of PostgresSchema.")]
    NpgsqlCommand Command(string text) => new(text, Connection);
}
