using System.Text;
using Federation.ApiServer;
using Federation.Hub;
using Npgsql;

namespace Federation.Tests.Postgres;

/// <summary>One hub writes at a time, and one whose time is over writes nothing, whatever it believes.</summary>
[Collection(DatabaseTests.Name)]
public sealed class LeadershipTests(Databases databases) : IAsyncLifetime
{
    Database database = null!;

    public async Task InitializeAsync()
    {
        if (E2E.PostgresBinaries.Folder is not null) database = await databases.CreateAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [PostgresFact]
    public async Task The_second_stands_by_and_takes_over_when_the_session_of_the_first_is_ended_and_the_first_writes_nothing_more()
    {
        await using var first = await database.LeadAsync();
        await using var second = await database.OpenAsync();
        var taking = second.LeadAsync(Limits.Cancel).AsTask();
        await Limits.UntilAsync(() => second.Standby is "another hub leads");
        await first.CommitAsync(Batch(1, "kept"));
        Assert.False(taking.IsCompleted);

        await database.EndLeaderAsync();
        await taking.Within();

        Assert.Null(second.Standby);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => first.CommitAsync(Batch(2, "late")).AsTask().Within());
        await Assert.ThrowsAnyAsync<Exception>(() => first.Lost.Within());
        Assert.Equal(["kept"], await NamesAsync(second));
        Assert.Equal(2, await database.AskAsync<long>("SELECT term FROM federation.store"));
    }

    [PostgresFact]
    public async Task A_leader_that_stops_hands_over_at_once_and_what_it_was_writing_is_whole()
    {
        await using var first = await database.LeadAsync();
        await using var second = await database.OpenAsync();
        var taking = second.LeadAsync(Limits.Cancel).AsTask();
        var writing = first.CommitAsync(Batch(500, [.. Enumerable.Range(1, 500).Select(static number => $"o{number:D3}")])).AsTask();

        await first.DisposeAsync();
        await writing.Within();
        await taking.Within();

        Assert.Equal(500, (await NamesAsync(second)).Count);
        Assert.False(second.Lost.IsCompleted);
    }

    [PostgresFact]
    public async Task A_commit_under_a_term_that_is_over_stores_nothing()
    {
        await using var leader = await database.LeadAsync();
        await leader.CommitAsync(Batch(1, "kept"));
        await database.ExecuteAsync("UPDATE federation.store SET term = term + 1");

        var refused = await Assert.ThrowsAsync<IOException>(() => leader.CommitAsync(Batch(2, "late")).AsTask().Within());

        Assert.Contains("term 1 of database", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["kept"], await NamesAsync(leader));
        Assert.Equal(1, await database.AskAsync<long>("SELECT revision FROM federation.store"));
        Assert.IsType<IOException>((await Assert.ThrowsAnyAsync<Exception>(() => leader.Lost.Within()))); // and it finds out without writing
    }

    [PostgresFact]
    public async Task Revisions_never_go_back()
    {
        await using var leader = await database.LeadAsync();
        await leader.CommitAsync(Batch(5, "kept"));

        await Assert.ThrowsAsync<IOException>(() => leader.CommitAsync(Batch(4, "earlier")).AsTask().Within());

        Assert.Equal(["kept"], await NamesAsync(leader));
    }

    [PostgresFact]
    public async Task Of_a_batch_whose_session_is_ended_in_the_midst_all_is_there_or_nothing()
    {
        long stored = 0;
        for (var round = 1; round <= 5; round++)
        {
            await using var leader = await database.LeadAsync();
            var writing = leader.CommitAsync(Batch(round * 3_000, [.. Enumerable.Range(1, 3_000).Select(number => $"r{round}-{number}")])).AsTask();
            await Task.Delay(TimeSpan.FromMilliseconds(12 * round), TimeProvider.System);
            await database.EndLeaderAsync();
            var isAcknowledged = await writing.Within().ContinueWith(static done => done.IsCompletedSuccessfully, TaskScheduler.Default);

            var now = await database.AskAsync<long>("SELECT count(*) FROM federation.objects");
            Assert.True(now == stored || now == stored + 3_000, $"{now - stored} of 3000 are there");
            Assert.True(now > stored || !isAcknowledged, "an acknowledged batch is gone");
            Assert.Equal(now > stored ? round * 3_000 : await database.AskAsync<long>("SELECT coalesce(max(revision), 0) FROM federation.objects"), await database.AskAsync<long>("SELECT revision FROM federation.store"));
            stored = now;
        }
    }

    [PostgresFact]
    public async Task A_commit_that_is_not_answered_in_time_has_an_unknown_outcome_and_whoever_leads_next_finds_the_truth()
    {
        await using var leader = await database.LeadAsync(answerWithin: TimeSpan.FromSeconds(1));
        var asked = 0L;
        async Task CommitOnAsync()
        {
            while (asked++ < 1000) await leader.CommitAsync(Batch(asked, $"write-{asked:0000}")).AsTask().Within();
        }

        await Database.Of(databases.Server, "postgres").ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'"); // a moment after the reload, commits wait for a server that never comes
        await Database.Of(databases.Server, "postgres").ExecuteAsync("SELECT pg_reload_conf()");
        try
        {
            await UntilAsync("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", async () => await Assert.ThrowsAnyAsync<NpgsqlException>(CommitOnAsync));
        }
        finally
        {
            await Database.Of(databases.Server, "postgres").ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await Database.Of(databases.Server, "postgres").ExecuteAsync("SELECT pg_reload_conf()");
        }

        await using var next = await database.LeadAsync();
        List<string> all = [.. Enumerable.Range(1, (int)asked).Select(static number => $"write-{number:0000}")]; // the unanswered one too
        Assert.Equal(all, await NamesAsync(next));
        await Assert.ThrowsAnyAsync<Exception>(() => leader.CommitAsync(Batch(asked + 1, "late")).AsTask().Within());
        Assert.Equal(all, await NamesAsync(next));
    }

    [PostgresFact]
    public async Task The_server_ends_the_session_of_a_leader_that_hangs()
    {
        var hanging = await PostgresStorage.OpenAsync(database.Target with { HangsAfter = TimeSpan.FromSeconds(1) }, new VirtualTime()); // its clock stands still: it never says a word
        await hanging.LeadAsync(Limits.Cancel);

        await using var next = await database.LeadAsync();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => hanging.CommitAsync(Batch(1, "late")).AsTask().Within());
        Assert.Empty(await NamesAsync(next));
        await hanging.DisposeAsync();
    }

    [PostgresFact]
    public async Task Two_that_come_first_at_once_make_one_store()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => database.OpenAsync())).Within();

        Assert.Equal(1, await database.AskAsync<long>("SELECT count(*) FROM federation.store"));
        foreach (var storage in opened) await storage.DisposeAsync();
    }

    /// <summary>Does it, and sees meanwhile that a commit hangs where it is meant to.</summary>
    async Task UntilAsync(string counts, Func<Task> act)
    {
        var acting = act();
        while (await database.AskAsync<long>(counts) == 0)
        {
            Assert.False(acting.IsCompleted, "it did not hang");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        await acting;
    }

    static async Task<List<string>> NamesAsync(IObjectStorage storage) => [.. (await Database.LoadAsync(storage)).Rows.Select(static row => row.Name)];

    static CommitBatch Batch(long revision, params IReadOnlyList<string> names) =>
        new(revision, [.. names.Select((name, index) => new ObjectWrite("Thing", "", name, revision - names.Count + index + 1, Encoding.UTF8.GetBytes("{}")))], []);
}
