using System.Net;
using Federation.E2E;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Hub;

namespace Federation.Tests.Postgres;

/// <summary>A database that was put back knows nothing of what came after: the hub notices, and hands out nothing until that is known.</summary>
[Collection(DatabaseTests.Name)]
public sealed class PutBackTests(Databases databases) : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-put-back-");
    Database database = null!;
    string epoch = "";

    public async Task InitializeAsync()
    {
        if (PostgresBinaries.Folder is null) return;
        database = await databases.CreateAsync();
        await using var hub = await StartAsync(database);
        await hub.PoolAsync("prod", "10.0.0.0/24");
        await hub.ClaimAsync("before", """{"poolRef":{"name":"prod"},"prefixLength":28}""");
        epoch = hub.Store.StoreEpoch;
    }

    public Task DisposeAsync()
    {
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [PostgresFact]
    public async Task A_dump_that_is_put_into_another_database_begins_a_new_history_and_hands_out_nothing()
    {
        var dump = await DumpAsync("-Fc");
        var other = await databases.CreateAsync();
        await RunAsync("pg_restore", other, "--exit-on-error", dump);

        await using (var hub = await StartAsync(other))
        {
            Assert.NotEqual(epoch, hub.Store.StoreEpoch);
            Assert.Equal(hub.Store.StoreEpoch, hub.Store.Current.Find<FederationObject>(null, FederationObject.SingletonName)!.Status!.Recovery!.StoreEpoch);
            Assert.Equal("10.0.0.0/28", (await hub.ReadAsync(TestHub.ClaimPath("before"))).Block);
            Assert.Equal(("Unknown", "HubRecovering"), (await ClaimAsync(hub, "after")) is var (status, reason, _) ? (status, reason) : default);
            Assert.Equal(HttpStatusCode.OK, (await hub.SendAsync("PATCH", "/apis/ipam.federation.io/v1alpha1/federations/hub", $$"""{"spec":{"acceptedStoreEpoch":"{{hub.Store.StoreEpoch}}"} }""", "application/merge-patch+json")).Code);
        }

        await IsTheSameHistoryAsync(other, await EpochAsync(other)); // noticed once
    }

    [PostgresFact]
    public async Task A_dump_that_is_put_back_into_its_own_tables_is_noticed()
    {
        var dump = await DumpAsync("--data-only");
        await using (var hub = await StartAsync(database)) await hub.ClaimAsync("forgotten", """{"poolRef":{"name":"prod"},"prefixLength":28}""");
        await database.ExecuteAsync("TRUNCATE federation.store, federation.objects, federation.audit");
        await RunAsync("psql", database, "-q", "-v", "ON_ERROR_STOP=1", "-f", dump);

        await IsAnotherHistoryAsync(database);
    }

    [PostgresFact]
    public async Task A_copy_of_the_database_by_its_files_is_noticed()
    {
        await IsAnotherHistoryAsync(await databases.CreateAsync(template: database.Name));
        await IsTheSameHistoryAsync(database, epoch);
    }

    [PostgresFact]
    public async Task Housekeeping_and_a_new_start_are_no_restore()
    {
        await database.ExecuteAsync("VACUUM (FULL, FREEZE)");

        await IsTheSameHistoryAsync(database, epoch);
    }

    [PostgresFact]
    public async Task Another_timeline_is_a_restore_unless_a_failover_is_known_to_lose_nothing()
    {
        const string Promoted = "UPDATE federation.store SET timeline = '00000009', writer = pg_current_xact_id()::xid";
        await database.ExecuteAsync(Promoted);
        await using (var lossless = await database.LeadAsync(isFailoverLossless: true)) Assert.False((await Database.LoadAsync(lossless)).IsCopy);

        await database.ExecuteAsync(Promoted);
        await IsAnotherHistoryAsync(database);
    }

    [PostgresFact]
    public async Task That_it_is_a_copy_is_not_forgotten_before_the_new_history_has_begun()
    {
        await database.ExecuteAsync("UPDATE federation.store SET epoch = epoch"); // not a hub's
        await using (var fallen = await database.LeadAsync()) Assert.True((await Database.LoadAsync(fallen)).IsCopy);

        await IsAnotherHistoryAsync(database);
    }

    [PostgresFact]
    public async Task A_restore_that_cannot_be_seen_is_said_and_not_while_a_hub_serves()
    {
        var file = Path.Combine(folder.FullName, "connection");
        await File.WriteAllTextAsync(file, database.Connection);
        await using (var hub = await StartAsync(database)) Assert.Equal((3, true), await RestoreAsync(file, "another hub leads"));

        Assert.Equal((0, true), await RestoreAsync(file, "; store epoch "));

        await using var after = await StartAsync(database);
        Assert.NotEqual(epoch, after.Store.StoreEpoch);
        await Limits.UntilAsync(() => after.Store.Current.Find<FederationObject>(null, FederationObject.SingletonName)!.Status!.Recovery is null);
    }

    static async Task<(int? Code, bool SaidSo)> RestoreAsync(string file, string said)
    {
        using var output = new StringWriter();
        var code = await StoreCommands.TryRunAsync(["restore", "--database-file", file, "--complete", "true"], TimeProvider.System, output, output).Within();
        return (code, output.ToString().Contains(said, StringComparison.Ordinal));
    }

    async Task IsAnotherHistoryAsync(Database there) => Assert.NotEqual(epoch, await EpochAsync(there));

    static async Task IsTheSameHistoryAsync(Database there, string epoch) => Assert.Equal(epoch, await EpochAsync(there));

    static async Task<string> EpochAsync(Database there)
    {
        await using var hub = await StartAsync(there);
        return hub.Store.StoreEpoch;
    }

    static async Task<TestHub> StartAsync(Database there)
    {
        var hub = await TestHub.StartAsync(await there.OpenAsync());
        await hub.Store.Loaded.Within();
        return hub;
    }

    static async Task<(string Status, string Reason, string Message)> ClaimAsync(TestHub hub, string name) => (await hub.ClaimAsync(name, """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Allocated;

    async Task<string> DumpAsync(string format)
    {
        var file = Path.Combine(databases.Server.Host, database.Name);
        await PostgresServer.RunAsync("pg_dump", ["-h", databases.Server.Host, "-U", "postgres", format, "-f", file, database.Name], Limits.Cancel);
        return file;
    }

    Task<string> RunAsync(string program, Database there, params string[] arguments) =>
        PostgresServer.RunAsync(program, ["-h", databases.Server.Host, "-U", "postgres", "-d", there.Name, .. arguments], Limits.Cancel);
}
