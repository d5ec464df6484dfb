using System.Globalization;
using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Telemetry;

namespace Federation.Hub;

/// <summary>How a hub is started. Every option is a command line argument, or an environment variable.</summary>
sealed record HubOptions
{
    public const string Usage = "usage: federation-hub serve --data DIR|--database-file FILE --api-url URL --grpc-url URL [--tls-cert FILE --tls-key FILE --client-ca FILE] "
        + "[--admin-groups A,B] [--viewer-groups A,B] [--front-proxy-ca FILE [--front-proxy-names A,B]] [--delegate in-cluster|KUBECONFIG] "
        + "[--ops-url URL] [--log-format text|json] [--inventory-seconds N] [--find-absent-leases true [--free-absent-leases true]] [--lease-term-seconds N] [--offer-grace-seconds N] [--silence-grace-seconds N] [--write-queue N]\n       federation-hub crds --out DIR\n" + StoreCommands.Usage;

    /// <summary>Environment variables of these options begin so.</summary>
    public const string Prefix = "FEDERATION_HUB_";

    public static readonly IReadOnlyList<OptionSpec> All =
    [
        new("data", "folder", "required, or `database-file`", "Holds everything the hub knows. One hub at a time."),
        new("database-file", "file", "required, or `data`", "Holds the connection string of the PostgreSQL database that holds everything the hub knows. Of several hubs on it one serves, the others stand by. Plain text on loopback only."),
        new("database-failover-lossless", "`true` or `false`", "`false`", "Says that a failover of the database loses nothing, as with synchronous replication: it does not begin a recovery."),
        new("api-url", "URL", "required", "Where the REST API listens. Plain text on loopback only."),
        new("grpc-url", "URL", "required", "Where edges connect. Plain text on loopback only."),
        new("tls-cert", "PEM file", "no TLS", "The listeners' certificate. The three files come together."),
        new("tls-key", "PEM file", "no TLS", "Its key."),
        new("client-ca", "PEM file", "no TLS", "Who signs clients' certificates; clients are known by them."),
        new("admin-groups", "names, by commas", "`federation:admins,system:masters`", "Organizations of a certificate, or groups, that may do everything over the REST API."),
        new("viewer-groups", "names, by commas", "`federation:viewers`", "Those that may get, list and watch everything."),
        new("front-proxy-ca", "PEM file", "none", "Who signs the certificate of an API server in front, which says in headers whom it speaks for."),
        new("front-proxy-names", "names, by commas", "any", "The common names that certificate may have."),
        new("delegate", "`in-cluster` or a kubeconfig", "none", "The cluster that is asked whose a token is, and what everybody else may do."),
        new("ops-url", "URL, `http` only", "none", "A listener for metrics and checks alone, in plain text on any address; its port is its own. The API's listener serves them too."),
        new("log-format", "`text` or `json`", "`text`", "How the console is written."),
        new("inventory-seconds", "1 to 315360000", "600", "How old an edge's inventory is when it is asked for the next."),
        new("find-absent-leases", "`true` or `false`", "`false`", "Looks for leases that their edges, in full reports, no longer name, and says so."),
        new("free-absent-leases", "`true` or `false`", "`false`", "Frees them too, once their terms are certainly over; only together with `find-absent-leases`."),
        new("lease-term-seconds", "1 to 315360000", "604800", "How long a lease lasts; it is renewed from half of it on."),
        new("offer-grace-seconds", "1 to 315360000", "600", "So long an offer may stay unconfirmed before it is taken back."),
        new("silence-grace-seconds", "1 to 315360000", "1800", "So long an edge may be silent before it is reported; nothing is taken from it."),
        new("write-queue", "1 to 1000000", "8192", "How many writes may wait at once; more are answered 429 and told when to come back."),
    ];

    /// <summary>Ten years: what is longer is a slip of the hand.</summary>
    const int SecondsMax = 315_360_000;

    /// <summary>What waits beyond this waits longer than anybody listens.</summary>
    const int QueueMax = 1_000_000;

    /// <summary>What the hub calls itself.</summary>
    public const string Version = "0.1.0";

    /// <summary>The folder that holds everything the hub knows; null when a database does.</summary>
    public string? Data { get; init; }

    /// <summary>The database that holds everything the hub knows; null when a folder does.</summary>
    public PostgresTarget? Database { get; init; }

    /// <summary>Whether a failover of the database is known to lose nothing.</summary>
    public bool IsFailoverLossless { get; init; }

    /// <summary>Where everything is, for people.</summary>
    public string Store => Database?.Name ?? Data ?? "";

    /// <summary>Where the REST API listens.</summary>
    public required Uri ApiUrl { get; init; }

    /// <summary>Where edges connect.</summary>
    public required Uri GrpcUrl { get; init; }

    /// <summary>Where metrics and checks are served alone, in plain text on any address: they hold no secrets. They are always served beside the API too.</summary>
    public Uri? OpsUrl { get; init; }

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>What is sent to a collector.</summary>
    public ExportSettings Export { get; init; } = ExportSettings.None;

    /// <summary>Required for anything but loopback.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Who may do what over the REST API, when there is TLS.</summary>
    public AccessOptions Access { get; init; } = new();

    /// <summary>How old an edge's inventory is when it is asked for the next.</summary>
    public TimeSpan InventoryEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether leases are looked for that their edges no longer name: said in a condition, the audit and a metric.</summary>
    public bool FindAbsentLeases { get; init; }

    /// <summary>Whether such leases are freed too. Does nothing by itself.</summary>
    public bool FreeAbsentLeases { get; init; }

    /// <summary>How long leases last, and what is waited for.</summary>
    public LeaseTerms Terms { get; init; } = new();

    /// <summary>How many writes may wait at once.</summary>
    public StoreLimits Limits { get; init; } = new();

    /// <summary>The options, or what is wrong with the arguments.</summary>
    public static (HubOptions? Options, string? Error) Read(string[] args)
    {
        if (args is not ["serve", .. var rest]) return (null, Usage);
        var (given, unknown) = ProcessOptions.Read(Prefix, All, rest);
        if (unknown is not null) return (null, $"unknown argument '{unknown}'\n{Usage}");

        foreach (var name in new[] { "api-url", "grpc-url" })
        {
            if (string.IsNullOrWhiteSpace(given[name])) return (null, $"--{name} is missing\n{Usage}");
        }

        var (database, wrongStore) = DatabaseOf(given["data"], given["database-file"]);
        if (wrongStore is not null) return (null, wrongStore);

        var tls = given["tls-cert"] is { } certificate && given["tls-key"] is { } key && given["client-ca"] is { } authority ? new TlsFiles(certificate, key, authority) : null;
        foreach (var name in new[] { "api-url", "grpc-url" })
        {
            if (Listener.Refusal(given[name], tls) is { } refusal) return (null, $"--{name}: {refusal}");
        }

        if (Listener.OpsRefusal(given["ops-url"], given["api-url"], given["grpc-url"]) is { } wrongOps) return (null, $"--ops-url: {wrongOps}");

        if (TelemetryLogging.FormatOf(given["log-format"]) is not { } format) return (null, $"--log-format: '{given["log-format"]}' is not known; use text or json");
        var (export, wrongExport) = ExportSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        if (wrongExport is not null) return (null, wrongExport);

        var (access, wrongAccess) = AccessOptions.Read(given, hasTls: tls is not null);
        if (wrongAccess is not null) return (null, wrongAccess);

        var terms = new LeaseTerms();
        if (Seconds(given, "lease-term-seconds", terms.Term, out var term) is { } wrongTerm) return (null, wrongTerm);
        if (Seconds(given, "offer-grace-seconds", terms.OfferGrace, out var offer) is { } wrongOffer) return (null, wrongOffer);
        if (Seconds(given, "silence-grace-seconds", terms.SilenceGrace, out var silence) is { } wrongSilence) return (null, wrongSilence);

        var queue = ObjectStore.QueueMax;
        if (given["write-queue"] is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out queue) || queue is < 1 or > QueueMax)) return (null, $"--write-queue: '{text}' is not a number from 1 to {QueueMax}");

        foreach (var name in new[] { "find-absent-leases", "free-absent-leases", "database-failover-lossless" })
        {
            if (given[name] is not (null or "true" or "false")) return (null, $"--{name}: '{given[name]}' is neither true nor false");
        }

        if (Seconds(given, "inventory-seconds", TimeSpan.FromMinutes(10), out var inventory) is { } wrongInventory) return (null, wrongInventory);

        terms = terms with { Term = term, OfferGrace = offer, SilenceGrace = silence };
        return (new()
        {
            Data = database is null ? given["data"] : null,
            Database = database,
            IsFailoverLossless = given["database-failover-lossless"] is "true",
            ApiUrl = new(given["api-url"]!),
            GrpcUrl = new(given["grpc-url"]!),
            OpsUrl = given["ops-url"] is { } ops ? new(ops) : null,
            LogFormat = format,
            Export = export,
            Tls = tls,
            Access = access,
            Terms = terms,
            Limits = new(queue),
            InventoryEvery = inventory,
            FindAbsentLeases = given["find-absent-leases"] is "true",
            FreeAbsentLeases = given["free-absent-leases"] is "true",
        }, null);
    }

    /// <summary>Exactly one of the two holds everything. Answers the database, or what is wrong.</summary>
    static (PostgresTarget? Database, string? Error) DatabaseOf(string? data, string? file)
    {
        switch (string.IsNullOrWhiteSpace(data), string.IsNullOrWhiteSpace(file))
        {
            case (true, true): return (null, $"--data is missing, or --database-file\n{Usage}");
            case (false, false): return (null, "--data and --database-file are both given; everything is in one of them");
            case (false, true): return (null, null);
        }

        var (database, wrong) = PostgresTarget.ReadFile(file!);
        return (database, wrong is null ? null : $"--database-file: {wrong}");
    }

    /// <summary>What is wrong with an option that is a number of seconds; null when it is sound or not given.</summary>
    static string? Seconds(IConfiguration given, string name, TimeSpan preset, out TimeSpan read)
    {
        read = preset;
        if (given[name] is not { } text) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > SecondsMax) return $"--{name}: '{text}' is not a number of seconds from 1 to {SecondsMax}";
        read = TimeSpan.FromSeconds(seconds);
        return null;
    }
}
