using System.Reflection;
using Federation.ApiServer;
using Federation.E2E;
using Federation.Hub;
using Federation.Tests.House;
using Npgsql;
using Xunit.Sdk;

namespace Federation.Tests.Postgres;

/// <summary>A test that needs a real PostgreSQL server.</summary>
[TraitDiscoverer("Federation.Tests.House.WholeDiscoverer", "Federation.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute, IWhole
{
    public PostgresFactAttribute()
    {
        if (PostgresBinaries.Folder is null) Skip = PostgresBinaries.Absent;
    }
}

/// <summary>The row of a theory about every store that is about PostgreSQL.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresDataAttribute : DataAttribute
{
    public PostgresDataAttribute() => Skip = PostgresBinaries.Folder is null ? PostgresBinaries.Absent : null;

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["PostgreSQL"]];
}

/// <summary>One server for all tests that need one; a database for each.</summary>
public sealed class Databases : IAsyncLifetime
{
    PostgresServer? server;

    internal PostgresServer Server => server!;

    public async Task InitializeAsync()
    {
        if (PostgresBinaries.Folder is not null) server = await PostgresServer.StartAsync(TimeProvider.System, default);
    }

    public async Task DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
    }

    /// <param name="template">A database to copy.</param>
    internal async Task<Database> CreateAsync(string template = "template1")
    {
        var name = $"t{Guid.NewGuid():N}";
        await Database.Of(Server, "postgres").ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        return Database.Of(Server, name);
    }
}

[CollectionDefinition(Name)]
public sealed class DatabaseTests : ICollectionFixture<Databases>
{
    public const string Name = "PostgreSQL";
}

/// <summary>A database of the tests' server, and what somebody else can do with it.</summary>
sealed record Database(string Name, string Connection)
{
    public static Database Of(PostgresServer server, string name) => new(name, server.Connection(name));

    public PostgresTarget Target => PostgresTarget.Read(Connection).Target!;

    public Task<PostgresStorage> OpenAsync(TimeSpan? answerWithin = null, bool isFailoverLossless = false) =>
        PostgresStorage.OpenAsync(answerWithin is { } limit ? Target with { AnswerWithin = limit } : Target, TimeProvider.System, isFailoverLossless);

    /// <summary>Opened, and leading.</summary>
    public async Task<PostgresStorage> LeadAsync(TimeSpan? answerWithin = null, bool isFailoverLossless = false)
    {
        var storage = await OpenAsync(answerWithin, isFailoverLossless);
        await storage.LeadAsync(Limits.Cancel).AsTask().Within();
        return storage;
    }

    public async Task ExecuteAsync(string text) => await AskAsync<object>(text);

    /// <summary>The first value that is answered.</summary>
    public async Task<T?> AskAsync<T>(string text)
    {
        await using var connection = new NpgsqlConnection($"{Connection};Pooling=false");
        await connection.OpenAsync().Within();
#pragma warning disable CA2100 // the texts are the tests' own
        await using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        return (T?)await command.ExecuteScalarAsync().Within();
    }

    /// <summary>Ends the session of the hub that leads, as an administrator can.</summary>
    public async Task EndLeaderAsync() => Assert.Equal(1, await AskAsync<long>(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"));

    /// <summary>Everything an opened storage has.</summary>
    public static Task<StoredState> LoadAsync(IObjectStorage storage) => storage.LoadAsync(Limits.Cancel).AsTask().Within();
}
