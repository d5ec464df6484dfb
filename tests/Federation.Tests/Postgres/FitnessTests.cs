using Federation.E2E;
using Federation.Hub;

namespace Federation.Tests.Postgres;

/// <summary>What a hub asks of a database and of the way to it, and how it says that it is not so.</summary>
[Collection(DatabaseTests.Name)]
public sealed class FitnessTests(Databases databases)
{
    [Theory]
    [InlineData("Host=/run/postgresql;Database=ipam", "ipam on /run/postgresql")]
    [InlineData("Host=127.0.0.1:6543;Database=ipam;Password=secret", "ipam on 127.0.0.1:6543")]
    [InlineData("Host=[::1];Database=ipam;SSL Mode=Disable", "ipam on [::1]")]
    [InlineData("Host=localhost;Database=ipam", "ipam on localhost")]
    [InlineData("Host=db.example;Database=ipam", "ipam on db.example")]
    [InlineData("Host=a.example,b.example;Database=ipam;SSL Mode=Require", "ipam on a.example, b.example")]
    public void A_database_is_known_by_its_name_and_where_it_is(string text, string name)
    {
        var (target, error) = PostgresTarget.Read(text);

        Assert.Null(error);
        Assert.Equal((name, name), (target!.Name, target.ToString()));
        Assert.Contains("Pooling=False", target.Connection, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(text.Contains("example", StringComparison.Ordinal) && !text.Contains("Require", StringComparison.Ordinal), target.Connection.Contains("SSL Mode=VerifyFull", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("", "names no Host")]
    [InlineData("Host=localhost", "names no Database")]
    [InlineData("postgres://user:secret@db.example/ipam", "is no connection string")]
    [InlineData("Host=localhost;Database=ipam;Pasword=secret", "is no connection string")]
    [InlineData("Host=localhost;Database=ipam;Port=secret", "is no connection string")]
    [InlineData("Host=db.example;Database=ipam;SSL Mode=Disable", "plain text beyond loopback")]
    [InlineData("Host=10.1.2.3;Database=ipam;SSL Mode=Prefer", "plain text beyond loopback")]
    [InlineData("Host=/run/postgresql,db.example;Database=ipam;SSL Mode=Allow", "plain text beyond loopback")]
    [InlineData("Host=localhost.example;Database=ipam;SSL Mode=Disable", "plain text beyond loopback")]
    public void A_connection_string_that_will_not_do_is_refused_without_a_word_of_it(string text, string said)
    {
        var (target, error) = PostgresTarget.Read(text);

        Assert.Null(target);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task What_the_role_or_the_database_have_set_does_not_weaken_a_commit()
    {
        var database = await databases.CreateAsync();
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET synchronous_commit = off");
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET statement_timeout = '5s'");

        await using var session = await PostgresSession.OpenAsync(database.Target, Limits.Cancel);

        Assert.Equal("on", await session.AskAsync<string>("SELECT current_setting('synchronous_commit')", null, Limits.Cancel));
        Assert.Equal("0", await session.AskAsync<string>("SELECT current_setting('statement_timeout')", null, Limits.Cancel));
        Assert.Equal("15s", await session.AskAsync<string>("SELECT current_setting('idle_session_timeout')", null, Limits.Cancel));
    }

    [PostgresFact]
    public async Task A_server_that_does_not_sync_is_refused()
    {
        var server = Database.Of(databases.Server, "postgres");
        var database = await databases.CreateAsync();
        await server.ExecuteAsync("ALTER SYSTEM SET fsync = off");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        try
        {
            await Limits.UntilAsync(async () => await server.AskAsync<string>("SHOW fsync") is not "on");
            await RefusedAsync(database, "runs with fsync off");
        }
        finally
        {
            await server.ExecuteAsync("ALTER SYSTEM RESET fsync");
            await server.ExecuteAsync("SELECT pg_reload_conf()");
        }
    }

    [PostgresFact]
    public async Task Tables_of_a_later_hub_are_left_alone()
    {
        var database = await databases.CreateAsync();
        await (await database.OpenAsync()).DisposeAsync();
        await database.ExecuteAsync("UPDATE federation.store SET layout = 2");

        await RefusedAsync(database, "has tables of layout 2; this hub knows 1");
    }

    [PostgresFact]
    public async Task A_database_that_is_not_there_and_a_role_that_may_not_are_said_at_the_start()
    {
        var database = await databases.CreateAsync();
        await database.ExecuteAsync($"CREATE ROLE r{database.Name} LOGIN");

        await RefusedAsync(Database.Of(databases.Server, "nowhere"), "\"nowhere\" does not exist");
        await RefusedAsync(database with { Connection = database.Connection.Replace("Username=postgres", $"Username=r{database.Name}", StringComparison.Ordinal) }, "permission denied");
    }

    [PostgresFact]
    public async Task A_role_that_owns_no_more_than_the_database_is_enough()
    {
        var database = await databases.CreateAsync();
        await database.ExecuteAsync($"CREATE ROLE r{database.Name} LOGIN");
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} OWNER TO r{database.Name}");

        await using var storage = await (database with { Connection = database.Connection.Replace("Username=postgres", $"Username=r{database.Name}", StringComparison.Ordinal) }).LeadAsync();

        Assert.Empty((await Database.LoadAsync(storage)).Rows);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_waited_for_and_the_wait_says_so()
    {
        using var stop = new CancellationTokenSource();
        await using var storage = await PostgresStorage.OpenAsync(PostgresTarget.Read($"Host=127.0.0.1;Port={FreePorts.Take(1)[0]};Database=ipam").Target!, TimeProvider.System);

        var leading = storage.LeadAsync(stop.Token).AsTask();
        await Limits.UntilAsync(() => storage.Standby?.StartsWith("the database cannot be reached", StringComparison.Ordinal) is true);

        Assert.False(leading.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leading.Within());
    }

    static async Task RefusedAsync(Database database, string said) =>
        Assert.Contains(said, (await Assert.ThrowsAsync<IOException>(() => database.OpenAsync().Within())).Message, StringComparison.Ordinal);
}
