using System.Text;
using Federation.ApiServer;
using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Resources;
using Federation.Tests.House;

namespace Federation.Tests.Postgres;

/// <summary>What holds for every store there is: what was committed is there, wholly, byte by byte, whoever opens it next.</summary>
[Collection(DatabaseTests.Name)]
[Whole]
public sealed class StorageContractTests(Databases databases) : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-store-");
    Database? database;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory, InlineData("SQLite"), PostgresData]
    public async Task A_new_store_is_empty_and_keeps_its_name(string kind)
    {
        StoredState found;
        await using (var first = await OpenAsync(kind)) found = await Database.LoadAsync(first);

        await using var again = await OpenAsync(kind);
        var state = await Database.LoadAsync(again);

        Assert.Matches("^[0-9a-f]{32}$", found.StoreEpoch);
        Assert.Equal((found.StoreEpoch, 0L, 0, false), (state.StoreEpoch, state.Revision, state.Rows.Count, state.IsCopy));
    }

    [Theory, InlineData("SQLite"), PostgresData]
    public async Task What_was_committed_is_there_byte_by_byte_for_whoever_opens_next(string kind)
    {
        var large = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 1_500_000)}}"}""");
        var odd = "{\"text\":\"\\u0000 \\\\u0000 π 𝄞 \\ud834\\udd1e\"}"u8.ToArray();
        await using (var storage = await OpenAsync(kind))
        {
            await storage.LoadAsync(Limits.Cancel);
            await storage.CommitAsync(new(3, [Put("a", 1, "{}"u8), Put("b", 2, large), Put("c", 3, odd, "team")], [new(DateTimeOffset.UnixEpoch, "who\0\ud800", "made", "a", "why")]));
            await storage.CommitAsync(new(7, [Put("a", 4, "[1]"u8), Put("a", 5, "[2]"u8), Gone("b", 6), Put("d", 7, "{}"u8)], []));
        }

        await using var after = await OpenAsync(kind);
        var state = await Database.LoadAsync(after);

        Assert.Equal(7, state.Revision);
        Assert.Equal([("", "a", 5L, "[2]"), ("", "d", 7L, "{}"), ("team", "c", 3L, Encoding.UTF8.GetString(odd))], state.Rows.Select(static row => (row.Namespace, row.Name, row.Revision, Encoding.UTF8.GetString(row.Json))));
    }

    [Theory, InlineData("SQLite"), PostgresData]
    public async Task What_is_made_and_gone_and_made_again_in_one_batch_ends_as_the_last_says(string kind)
    {
        await using var storage = await OpenAsync(kind);
        await storage.LoadAsync(Limits.Cancel);

        await storage.CommitAsync(new(6, [Put("a", 1, "{}"u8), Gone("a", 2), Put("a", 3, "[]"u8), Put("b", 4, "{}"u8), Gone("b", 5), Gone("never", 6)], []));

        var row = Assert.Single((await Database.LoadAsync(storage)).Rows);
        Assert.Equal(("a", 3L, "[]"), (row.Name, row.Revision, Encoding.UTF8.GetString(row.Json)));
    }

    [Theory, InlineData("SQLite"), PostgresData]
    public async Task A_batch_may_have_thousands_of_objects_and_megabytes_of_them(string kind)
    {
        var json = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 20_000)}}"}""");
        await using var storage = await OpenAsync(kind);
        await storage.LoadAsync(Limits.Cancel);

        await storage.CommitAsync(new(2_000, [.. Enumerable.Range(1, 2_000).Select(number => Put($"o{number:D4}", number, json))], []));

        var rows = (await Database.LoadAsync(storage)).Rows;
        Assert.Equal(2_000, rows.Count);
        Assert.All(rows, row => Assert.True(row.Json.AsSpan().SequenceEqual(json)));
    }

    [Theory, InlineData("SQLite"), PostgresData]
    public async Task Another_history_has_another_name_and_is_no_copy(string kind)
    {
        await using (var storage = await OpenAsync(kind))
        {
            await storage.LoadAsync(Limits.Cancel);
            await storage.CommitAsync(new(1, [], [], StoreEpoch: "another"));
        }

        await using var after = await OpenAsync(kind);
        var state = await Database.LoadAsync(after);

        Assert.Equal(("another", 1L, false), (state.StoreEpoch, state.Revision, state.IsCopy));
    }

    [PostgresFact]
    public async Task Of_a_batch_that_gives_one_block_to_two_nothing_remains_and_it_says_who_they_are()
    {
        await using var storage = await OpenAsync("PostgreSQL");
        await storage.LoadAsync(Limits.Cancel);
        await storage.CommitAsync(new(1, [Put("held", 1, "{}"u8, block: "10.0.0.0/24")], []));

        var broken = await Assert.ThrowsAsync<InvariantViolationException>(() => storage.CommitAsync(new(3, [Put("innocent", 2, "{}"u8), Put("second", 3, "{}"u8, block: "10.0.0.128/25")], [new(DateTimeOffset.UnixEpoch, "who", "what", "which", "why")])).AsTask().Within());

        Assert.Contains("(prod, 10.0.0.128/25)", broken.Message, StringComparison.Ordinal);
        Assert.Contains("(prod, 10.0.0.0/24)", broken.Message, StringComparison.Ordinal);
        Assert.Equal((1L, "held"), ((await Database.LoadAsync(storage)).Revision, Assert.Single((await Database.LoadAsync(storage)).Rows).Name));
        Assert.Equal(0, await database!.AskAsync<long>("SELECT count(*) FROM federation.audit"));
    }

    [PostgresFact]
    public async Task Blocks_of_different_pools_and_blocks_that_move_within_a_batch_are_no_overlap()
    {
        await using var storage = await OpenAsync("PostgreSQL");
        await storage.LoadAsync(Limits.Cancel);
        await storage.CommitAsync(new(3, [Put("a", 1, "{}"u8, block: "10.0.0.0/24"), Put("b", 2, "{}"u8, block: "10.0.1.0/24"), Put("v6", 3, "{}"u8, block: "2001:db8::/64")], []));

        await storage.CommitAsync(new(8, [
            Put("inside", 4, "{}"u8, block: "10.0.0.0/28", space: "child"),
            Put("a", 5, "{}"u8, block: "10.0.1.0/24"), Put("b", 6, "{}"u8, block: "10.0.0.0/24"),
            Gone("v6", 7), Put("heir", 8, "{}"u8, block: "2001:db8::/56")], []));

        Assert.Equal(4, (await Database.LoadAsync(storage)).Rows.Count);
    }

    async Task<IObjectStorage> OpenAsync(string kind)
    {
        if (kind is "SQLite") return SqliteStorage.Open(folder.FullName);
        database ??= await databases.CreateAsync();
        return await database.LeadAsync();
    }

    static ObjectWrite Put(string name, long revision, ReadOnlySpan<byte> json, string ns = "", string? block = null, string space = "prod") =>
        new("Thing", ns, name, revision, json.ToArray(), block is null ? null : new Holding(space, Cidr.Parse(block)));

    static ObjectWrite Gone(string name, long revision) => new("Thing", "", name, revision, null);
}
