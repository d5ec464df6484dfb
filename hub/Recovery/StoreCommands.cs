using Federation.ApiServer;

namespace Federation.Hub;

/// <summary>The commands that work on a hub's store rather than serve from it: <c>backup</c> and <c>restore</c>.</summary>
static class StoreCommands
{
    public const string Usage = "       federation-hub backup --data DIR --to FILE\n"
        + "       federation-hub restore --data DIR [--from FILE] [--complete true]\n"
        + "       federation-hub restore --database-file FILE [--complete true]";

    /// <summary>So long a restore waits for a hub that serves to stop.</summary>
    static readonly TimeSpan LeadWithin = TimeSpan.FromSeconds(3);

    /// <summary>The exit code; null when the arguments ask for something else.</summary>
    public static async Task<int?> TryRunAsync(string[] args, TimeProvider time, TextWriter output, TextWriter errors)
    {
        if (args is not ["backup" or "restore", .. var rest]) return null;
        if (Wrong(args[0], rest) is { } wrong)
        {
            await errors.WriteLineAsync($"{wrong}\nusage:\n{Usage}");
            return 2;
        }

        try
        {
            var given = new ConfigurationBuilder().AddCommandLine(rest).Build();
            await output.WriteLineAsync((args[0], given["database-file"]) switch
            {
                ("backup", _) => Backup(given["data"]!, given["to"]!, time.GetUtcNow()),
                (_, { } file) => await RestoreDatabaseAsync(file, given["complete"] is "true", time),
                _ => await RestoreAsync(given["data"]!, given["from"], given["complete"] is "true", time.GetUtcNow()),
            });
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(e.Message);
            return 3;
        }
    }

    static string Backup(string data, string file, DateTimeOffset now)
    {
        SqliteBackup.Write(data, file, now);
        return $"copied the store of {data} to {file}";
    }

    static async Task<string> RestoreAsync(string data, string? file, bool isComplete, DateTimeOffset now)
    {
        if (file is null && !File.Exists(Path.Combine(data, SqliteStorage.FileName))) throw new IOException($"there is no store in {data}; say --from FILE");
        var aside = file is null ? null : SqliteBackup.PutBack(file, data, now);
        await using var storage = SqliteStorage.Open(data);
        return await BeginAsync(storage, data, aside is null ? "" : $"what was there before is in {aside}\n", isComplete, now);
    }

    /// <summary>For a database that was put back in a way that cannot be seen, or of which an admin knows that nothing is missing.</summary>
    static async Task<string> RestoreDatabaseAsync(string file, bool isComplete, TimeProvider time)
    {
        var (database, wrong) = PostgresTarget.ReadFile(file);
        if (database is null) throw new IOException($"--database-file: {wrong}");
        await using var storage = await PostgresStorage.OpenAsync(database, time);
        using var limit = new CancellationTokenSource(LeadWithin, time);
        try
        {
            await storage.LeadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new IOException($"the database {database} is not free: {storage.Standby}");
        }

        return await BeginAsync(storage, database.Name, "", isComplete, time.GetUtcNow());
    }

    static async Task<string> BeginAsync(IObjectStorage storage, string where, string besides, bool isComplete, DateTimeOffset now)
    {
        var epoch = HistoryStorage.NewEpoch();
        var (objects, edges) = await StoreRestore.BeginAsync(storage, epoch, isComplete, now);
        return $"restored {objects} objects into {where}; store epoch {epoch}\n{besides}"
            + $"nothing is handed out until {edges} {(edges == 1 ? "edge has" : "edges have")} said what they hold"
            + (isComplete ? "" : $", and an admin that nobody is missing:\n  kubectl patch federation hub --type merge -p '{{\"spec\":{{\"acceptedStoreEpoch\":\"{epoch}\"}}}}'");
    }

    static string? Wrong(string command, string[] rest)
    {
        var isDatabase = rest.Contains("--database-file");
        string[] known = (command, isDatabase) switch { ("backup", _) => ["data", "to"], (_, true) => ["database-file", "complete"], _ => ["data", "from", "complete"] };
        if (rest.Length % 2 != 0) return $"'{rest[^1]}' needs a value";
        for (var i = 0; i < rest.Length; i += 2)
        {
            if (!rest[i].StartsWith("--", StringComparison.Ordinal) || !known.Contains(rest[i][2..])) return $"unknown argument '{rest[i]}'";
            if (rest[i] is "--complete" && rest[i + 1] is not ("true" or "false")) return $"--complete: '{rest[i + 1]}' is neither true nor false";
        }

        var missing = (command is "backup" ? known : known[..1]).FirstOrDefault(name => !rest.Contains($"--{name}"));
        return missing is null ? null : $"--{missing} is missing";
    }
}
