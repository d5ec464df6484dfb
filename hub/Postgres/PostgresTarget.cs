using System.Net;
using Npgsql;

namespace Federation.Hub;

/// <summary>Which database, as whom, and how: from a connection string, with what the hub relies on laid over it.</summary>
sealed record PostgresTarget
{
    static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    const int FileBytesMax = 65_536;

    /// <summary>Statements the hub has are few; each is prepared when it is used first.</summary>
    const int PreparedMax = 16;

    readonly string connection;

    PostgresTarget(string connection, string name) => (this.connection, Name) = (connection, name);

    /// <summary>Holds secrets: never to be logged.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder(connection) { CommandTimeout = (int)AnswerWithin.TotalSeconds }.ConnectionString;

    /// <summary>Database and hosts, for people.</summary>
    public string Name { get; }

    /// <summary>So long a statement may take, in whole seconds. Without an answer by then its outcome is unknown.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So long the server waits for a word of the leader, in whole seconds, before it ends the session: longer than a leader that is cut off needs to notice.</summary>
    public TimeSpan HangsAfter { get; init; } = TimeSpan.FromSeconds(15);

    public override string ToString() => Name;

    /// <summary>The target in a file, or what is wrong with it, without a word of what it says.</summary>
    public static (PostgresTarget? Target, string? Error) ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > FileBytesMax }) return (null, $"{path} is longer than {FileBytesMax} bytes");
            var (target, wrong) = Read(File.ReadAllText(path).Trim());
            return (target, wrong is null ? null : $"what {path} says {wrong}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"{path} cannot be read: {e.Message}");
        }
    }

    public static (PostgresTarget? Target, string? Error) Read(string text)
    {
        NpgsqlConnectionStringBuilder given;
        try
        {
            given = new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or KeyNotFoundException)
        {
            return (null, "is no connection string; write Host=HOST;Database=NAME;Username=USER;Password=SECRET;SSL Mode=VerifyFull");
        }

        if (string.IsNullOrWhiteSpace(given.Host)) return (null, "names no Host");
        if (string.IsNullOrWhiteSpace(given.Database)) return (null, "names no Database");
        var hosts = given.Host.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (hosts.Any(static host => !IsLocal(host)))
        {
            if (!given.ShouldSerialize("SSL Mode")) given.SslMode = SslMode.VerifyFull;
            if (given.SslMode is SslMode.Disable or SslMode.Allow or SslMode.Prefer) return (null, $"SSL Mode {given.SslMode} may send plain text beyond loopback; use VerifyFull, VerifyCA or Require");
        }

        return (new(Completed(given, hosts).ConnectionString, $"{given.Database} on {string.Join(", ", hosts)}"), null);
    }

    static NpgsqlConnectionStringBuilder Completed(NpgsqlConnectionStringBuilder given, string[] hosts)
    {
        if (!given.ShouldSerialize("Application Name")) given.ApplicationName = "federation-hub";
        if (!given.ShouldSerialize("GSS Encryption Mode")) given.GssEncryptionMode = GssEncryptionMode.Disable;
        if (hosts.Length > 1) given.TargetSessionAttributes = "primary";
        given.Pooling = false; // one connection, and its end is the end of its session
        given.Enlist = false;
        given.Timeout = (int)ConnectWithin.TotalSeconds;
        given.CancellationTimeout = -1; // what was not answered in time is left alone: a cancelled wait for a standby would count as a success
        given.TcpKeepAlive = true;
        given.MaxAutoPrepare = PreparedMax;
        given.AutoPrepareMinUsages = 1;
        given.IncludeErrorDetail = true; // says who holds what; the connection string is in none
        given.PersistSecurityInfo = false;
        return given;
    }

    /// <summary>A socket of this machine, or loopback: whoever is there is trusted like a local user.</summary>
    static bool IsLocal(string host)
    {
        if (host.StartsWith('/') || host.StartsWith('@')) return true;
        var name = host.StartsWith('[') ? host[1..].Split(']')[0] : host.Count(static c => c == ':') == 1 ? host.Split(':')[0] : host;
        return name is "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }
}
