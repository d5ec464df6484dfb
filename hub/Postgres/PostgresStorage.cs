using System.Security.Cryptography;
using Federation.ApiServer;
using Federation.Domain;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Federation.Hub;

/// <summary>
/// Objects in a PostgreSQL database that several hubs may reach. One of them leads: it holds an advisory lock on the one
/// connection that also commits, so a session that is gone neither leads nor writes. Besides, each leader begins a term, and
/// every commit checks that it is not over. The others stand by, and take over when the leader's session ends: at once when
/// its process ends, and when the server has waited for a word of it for long enough when it hangs.
/// </summary>
sealed class PostgresStorage : IObjectStorage
{
    /// <summary>Between two looks at the lock. To wait for it inside the server would keep a snapshot open, and with it all that a vacuum removes.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>With the time an answer may take, less than the server waits for a word: a leader that is cut off ends before another begins.</summary>
    static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(3);

    /// <summary>Everything there is may be much.</summary>
    static readonly TimeSpan LoadWithin = TimeSpan.FromMinutes(10);

    readonly TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource ending = new();

    /// <summary>A connection is for one at a time.</summary>
    readonly SemaphoreSlim turn = new(1, 1);

    readonly PostgresTarget target;
    readonly TimeProvider time;
    readonly bool isFailoverLossless;

    PostgresSession? session;
    Task beating = Task.CompletedTask;
    long term;
    bool isDisposed;
    volatile string? standby = "the database has not answered yet";

    PostgresStorage(PostgresTarget target, TimeProvider time, bool isFailoverLossless) => (this.target, this.time, this.isFailoverLossless) = (target, time, isFailoverLossless);

    public ILogger Log { get; set; } = NullLogger.Instance;

    public string? Standby => standby;

    public Task Lost => lost.Task;

    /// <summary>Connects once, to find out early what no waiting cures; a database that is not there yet is no error.</summary>
    /// <param name="isFailoverLossless">Whether another timeline of the server alone is no reason to doubt what is stored.</param>
    /// <exception cref="IOException">The database is not one a hub can use, or does not let it in.</exception>
    public static async Task<PostgresStorage> OpenAsync(PostgresTarget target, TimeProvider time, bool isFailoverLossless = false)
    {
        var storage = new PostgresStorage(target, time, isFailoverLossless);
        try
        {
            storage.session = await PostgresSession.OpenAsync(target, CancellationToken.None);
        }
        catch (NpgsqlException e) when (e.IsTransient)
        {
            // It may come up yet.
        }
        catch (NpgsqlException e)
        {
            throw new IOException($"the database {target} cannot be used: {e.Message}", e);
        }

        return storage;
    }

    public async ValueTask LeadAsync(CancellationToken cancel)
    {
        while (!await TryLeadAsync(cancel)) await Task.Delay(LookEvery * (RandomNumberGenerator.GetInt32(80, 121) / 100.0), time, cancel);
        standby = null;
        Log.Leads(target.Name, term);
        beating = BeatAsync();
    }

    public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => new(InTurnAsync(async open =>
    {
        var stored = (await open.ReadAsync(PostgresSchema.ReadStore, static row => new StoredState(row.GetString(0), row.GetInt64(1), [], row.GetBoolean(2)), target.AnswerWithin, cancel)).Single();
        return stored with
        {
            Rows = await open.ReadAsync(PostgresSchema.ReadObjects, static row => new StoredRow(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4)), LoadWithin, cancel),
        };
    }));

    public async ValueTask CommitAsync(CommitBatch batch)
    {
        try
        {
            await InTurnAsync(async open =>
            {
                await using var statements = PostgresBatch.Of(open.Connection, batch, term);
                return await statements.ExecuteNonQueryAsync();
            });
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ExclusionViolation)
        {
            throw new InvariantViolationException($"invariant broken: one block has two holders: {e.Detail}");
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.NotNullViolation, TableName: "store" })
        {
            throw Over();
        }
    }

    /// <summary>Lets a commit on its way end first. Whoever stands by takes over at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, true)) return;
        await ending.CancelAsync();
        await Task.WhenAny(beating);
        await turn.WaitAsync();
        await DisconnectAsync();
        turn.Dispose();
        ending.Dispose();
    }

    async Task<bool> TryLeadAsync(CancellationToken cancel)
    {
        try
        {
            session ??= await PostgresSession.OpenAsync(target, cancel);
            if (await session.AskAsync<bool>(PostgresSchema.TryLock, null, cancel))
            {
                term = await session.AskAsync<long>(PostgresSchema.Begin, isFailoverLossless, cancel);
                return true;
            }

            Wait("another hub leads");
        }
        catch (NpgsqlException e) when (e.IsTransient)
        {
            await DisconnectAsync();
            Wait($"the database cannot be reached: {e.Message}");
        }

        return false;
    }

    /// <summary>Tells the server that this process lives, and finds out whether it still leads when it has nothing to write.</summary>
    async Task BeatAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(BeatEvery, time);
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                if (!await InTurnAsync(open => open.AskAsync<bool>(PostgresSchema.IsTerm, term, CancellationToken.None))) throw Over();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Asked to end.
        }
        catch (Exception e)
        {
            lost.TrySetException(e);
        }
    }

    async Task<T> InTurnAsync<T>(Func<PostgresSession, Task<T>> work)
    {
        await turn.WaitAsync();
        try
        {
            return await work(session ?? throw Over());
        }
        finally
        {
            turn.Release();
        }
    }

    IOException Over() => new($"term {term} of database {target} is over: another hub leads, or has led");

    /// <summary>Says once why there is nothing to do yet.</summary>
    void Wait(string why)
    {
        if (standby == why) return;
        standby = why;
        Log.StandsBy(target.Name, why);
    }

    async Task DisconnectAsync()
    {
        if (session is { } open) await open.DisposeAsync();
        session = null;
    }
}
