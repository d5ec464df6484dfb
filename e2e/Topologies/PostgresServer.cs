using System.Diagnostics;

namespace Federation.E2E;

/// <summary>
/// Where PostgreSQL's programs are: in the folder that <c>FEDERATION_POSTGRES</c> names, on the path, or where Debian puts them.
/// </summary>
static class PostgresBinaries
{
    public const string Variable = "FEDERATION_POSTGRES";

    /// <summary>What a run without them has to say.</summary>
    public const string Absent = $"there is no PostgreSQL server: neither {Variable}, nor PATH, nor /usr/lib/postgresql has initdb, postgres, psql, pg_dump and pg_restore";

    static readonly string[] Needed = ["initdb", "postgres", "psql", "pg_dump", "pg_restore"];

    /// <summary>The folder; null when there is none.</summary>
    public static string? Folder { get; } = Candidates().FirstOrDefault(static folder => Needed.All(program => File.Exists(Path.Combine(folder, program))));

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return [named];
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(static version => Path.Combine(version, "bin")) : [];
        return [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), .. installed];
    }
}

/// <summary>A real PostgreSQL server in a folder of its own, reached by a socket in that folder. It syncs what it acknowledges.</summary>
sealed class PostgresServer : IAsyncDisposable
{
    static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    readonly DirectoryInfo folder;
    readonly TimeProvider time;
    Process? server;

    PostgresServer(string root, TimeProvider time) => (folder, this.time) = (Directory.CreateDirectory(Path.Combine(root, $"federation-pg-{Guid.NewGuid():N}")), time);

    /// <summary>Where its socket is.</summary>
    public string Host => folder.FullName;

    /// <param name="onDisk">Whether on a disk; otherwise in memory, where the machine has such a folder.</param>
    public static async Task<PostgresServer> StartAsync(TimeProvider time, CancellationToken cancel, bool onDisk = false)
    {
        if (PostgresBinaries.Folder is null) throw new StartFailure(PostgresBinaries.Absent);
        var made = new PostgresServer(!onDisk && Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), time);
        try
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(made.Host, (UnixFileMode)0b111_111_111);
            await RunAsync("initdb", ["-D", made.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"], cancel);
            await made.ServeAsync(onDisk, cancel);
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection string for a database of this server.</summary>
    public string Connection(string database) => $"Host={Host};Database={database};Username=postgres";

    /// <summary>Runs one of PostgreSQL's programs as whom the server runs as; what it said.</summary>
    /// <exception cref="StartFailure">It failed.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        using var running = Start(program, [.. arguments]);
        var (said, failed) = (running.StandardOutput.ReadToEndAsync(cancel), running.StandardError.ReadToEndAsync(cancel));
        await running.WaitForExitAsync(cancel);
        return running.ExitCode == 0 ? await said : throw new StartFailure($"{program} ended with code {running.ExitCode}: {await failed}");
    }

    public async ValueTask DisposeAsync()
    {
        if (server is { HasExited: false })
        {
            using var end = Process.Start("kill", ["-INT", server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]); // "fast": connections are cut, nothing is left behind
            await end.WaitForExitAsync();
            await server.WaitForExitAsync();
        }

        server?.Dispose();
        folder.Delete(recursive: true);
    }

    string Data => Path.Combine(Host, "data");

    async Task ServeAsync(bool onDisk, CancellationToken cancel)
    {
        server = Start("postgres", "-D", Data, "-k", Host, "-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", onDisk ? "max_wal_size=1GB" : "max_wal_size=96MB", "-c", "max_connections=60", "-c", "autovacuum=off", "-c", "log_min_messages=fatal");
        server.OutputDataReceived += static (_, _) => { };
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(StartWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        while (!File.Exists(Path.Combine(Data, "postmaster.pid")) || !(await File.ReadAllTextAsync(Path.Combine(Data, "postmaster.pid"), either.Token)).Contains("ready", StringComparison.Ordinal))
        {
            if (server.HasExited) throw new StartFailure($"postgres ended with code {server.ExitCode}");
            await Task.Delay(LookEvery, time, either.Token);
        }
    }

    /// <summary>The server refuses to run as root.</summary>
    static Process Start(string program, params string[] arguments)
    {
        var path = Path.Combine(PostgresBinaries.Folder!, program);
        string[] whole = Environment.UserName is "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments] : [path, .. arguments];
        return Process.Start(new ProcessStartInfo(whole[0], whole[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
    }
}
