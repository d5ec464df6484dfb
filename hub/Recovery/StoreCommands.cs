using Federation.ApiServer;

namespace Federation.Hub;

/// <summary>The commands that work on a hub's store rather than serve from it: <c>backup</c> and <c>restore</c>.</summary>
static class StoreCommands
{
    public const string Usage = "       federation-hub backup --data DIR --to FILE\n"
        + "       federation-hub restore --data DIR [--from FILE] [--complete true]";

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
            await output.WriteLineAsync(args[0] is "backup"
                ? Backup(given["data"]!, given["to"]!, time.GetUtcNow())
                : await RestoreAsync(given["data"]!, given["from"], given["complete"] is "true", time.GetUtcNow()));
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
        var epoch = HistoryStorage.NewEpoch();
        var (objects, edges) = await StoreRestore.BeginAsync(storage, epoch, isComplete, now);
        return $"restored {objects} objects into {data}; store epoch {epoch}\n"
            + (aside is null ? "" : $"what was there before is in {aside}\n")
            + $"nothing is handed out until {edges} {(edges == 1 ? "edge has" : "edges have")} said what they hold"
            + (isComplete ? "" : $", and an admin that nobody is missing:\n  kubectl patch federation hub --type merge -p '{{\"spec\":{{\"acceptedStoreEpoch\":\"{epoch}\"}}}}'");
    }

    static string? Wrong(string command, string[] rest)
    {
        string[] known = command is "backup" ? ["data", "to"] : ["data", "from", "complete"];
        if (rest.Length % 2 != 0) return $"'{rest[^1]}' needs a value";
        for (var i = 0; i < rest.Length; i += 2)
        {
            if (!rest[i].StartsWith("--", StringComparison.Ordinal) || !known.Contains(rest[i][2..])) return $"unknown argument '{rest[i]}'";
            if (rest[i] is "--complete" && rest[i + 1] is not ("true" or "false")) return $"--complete: '{rest[i + 1]}' is neither true nor false";
        }

        var missing = (command is "backup" ? known : ["data"]).FirstOrDefault(name => !rest.Contains($"--{name}"));
        return missing is null ? null : $"--{missing} is missing";
    }
}
