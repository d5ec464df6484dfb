using System.Globalization;
using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.Edge;

/// <summary>How an edge agent is started. Every option is a command line argument, or an environment variable.</summary>
sealed record EdgeOptions
{
    public const string Version = "0.1.0";

    /// <summary>The hub takes no more.</summary>
    const int LocalCidrsMax = 256;

    public const string Usage = "usage: federation-edge run --name NAME --hub URL (--embedded --data DIR --api-url URL | [--kubeconfig FILE] "
        + "[--webhook-url URL --webhook-cert FILE --webhook-key FILE] [--identity NAME] [--lock-seconds N]) "
        + "[--namespace NAME] [--hub-ca FILE --hub-cert FILE --hub-key FILE] [--release-grace-seconds N] [--local-cidrs CIDR,...] "
        + "[--ops-url URL] [--log-format text|json]";

    /// <summary>Environment variables of these options begin so.</summary>
    public const string Prefix = "FEDERATION_EDGE_";

    public static readonly IReadOnlyList<OptionSpec> All =
    [
        new("name", "a DNS label", "required", "The edge's name at the hub; with TLS the client certificate's."),
        new("hub", "URL", "required", "Where the hub listens for edges. With `http` the edge says its name itself: for trusted links only."),
        new("embedded", "flag, or `true`", "off", "Serves an API of its own, for sites without Kubernetes.", IsFlag: true),
        new("data", "folder", "required with `--embedded`", "Holds the embedded API's objects."),
        new("api-url", "URL", "required with `--embedded`", "Where the embedded API listens, on loopback."),
        new("kubeconfig", "file", "the pod's service account", "Which cluster to work against, without `--embedded`."),
        new("webhook-url", "URL, `https` only", "none", "Where the cluster's API server asks whether it may take an object. Without `--embedded`."),
        new("webhook-cert", "PEM file", "required with `--webhook-url`", "The webhook's certificate; read again when it is renewed."),
        new("webhook-key", "PEM file", "required with `--webhook-url`", "Its key."),
        new("identity", "text", "machine and a random id", "What this process calls itself among the agents of its cluster, of which one works at a time."),
        new("lock-seconds", "3 to 3600", "15", "So long after an agent fell silent another has its turn, at most."),
        new("namespace", "name", "`federation-system`", "Where the agent files pool claims of its own."),
        new("hub-ca", "PEM file", "the system's", "Whom to trust to name the hub."),
        new("hub-cert", "PEM file", "none", "The edge's certificate; read again for each connection."),
        new("hub-key", "PEM file", "none", "Its key."),
        new("release-grace-seconds", "1 to 86400", "300", "So long a deleted pool claim waits for the hub itself; then the agent remembers the release for it."),
        new("local-cidrs", "CIDRs with commas between", "none", "Address space the site uses by other means, as for pods and services: the hub lends nothing of it. Up to 256."),
        new("ops-url", "URL, `http` only", "none", "A listener for metrics and checks alone, in plain text on any address; its port is its own. The embedded API serves them too."),
        new("log-format", "`text` or `json`", "`text`", "How the console is written."),
    ];

    /// <summary>The edge's name at the hub; with TLS the client certificate's.</summary>
    public required string Name { get; init; }

    public required Uri Hub { get; init; }

    /// <summary>Serves an API of its own, for sites without Kubernetes.</summary>
    public bool Embedded { get; init; }

    /// <summary>The folder of the embedded API.</summary>
    public string Data { get; init; } = "";

    /// <summary>Where the embedded API listens.</summary>
    public Uri? ApiUrl { get; init; }

    public string? Kubeconfig { get; init; }

    /// <summary>Where the cluster's API server asks about objects; null when it does not.</summary>
    public WebhookListener? Webhook { get; init; }

    /// <summary>What this process calls itself among the agents of its cluster, of which one works at a time.</summary>
    public string Identity { get; init; } = "";

    /// <summary>How long the others wait for an agent that fell silent.</summary>
    public TimeSpan LockTerm { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Where the agent files its own pool claims.</summary>
    public string Namespace { get; init; } = "federation-system";

    /// <summary>So long a deleted pool claim waits for the hub itself; then the agent remembers the release for it.</summary>
    public TimeSpan ReleaseGrace { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Where metrics and checks are served alone, in plain text on any address: they hold no secrets. The embedded API serves them too.</summary>
    public Uri? OpsUrl { get; init; }

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>What is sent to a collector.</summary>
    public ExportSettings Export { get; init; } = ExportSettings.None;

    /// <summary>Address space in use at this site by other means, as for pods and services: the hub lends nothing of it.</summary>
    public IReadOnlyList<Cidr> LocalCidrs { get; init; } = [];

    public string? HubAuthority { get; init; }

    public string? HubCertificate { get; init; }

    public string? HubKey { get; init; }

    /// <summary>The options, or what is wrong with the arguments.</summary>
    public static (EdgeOptions? Options, string? Error) Read(string[] args)
    {
        if (args is not ["run", .. var rest]) return (null, Usage);
        var (given, unknown) = ProcessOptions.Read(Prefix, All, rest);
        if (unknown is not null) return (null, $"unknown argument '{unknown}'\n{Usage}");
        var isEmbedded = given["embedded"] is "true";
        if (given["name"] is not { } name || !LabelSyntax.IsDnsLabel(name)) return (null, $"--name {LabelSyntax.DnsLabelRule}\n{Usage}");
        if (!Uri.TryCreate(given["hub"], UriKind.Absolute, out var hub)) return (null, $"--hub is missing or no URL\n{Usage}");
        if (isEmbedded && string.IsNullOrWhiteSpace(given["data"])) return (null, $"--embedded needs --data\n{Usage}");
        if (isEmbedded && Listener.Refusal(given["api-url"], tls: null) is { } refusal) return (null, $"--api-url: {refusal}");

        if (Listener.OpsRefusal(given["ops-url"], given["api-url"], given["webhook-url"]) is { } wrongOps) return (null, $"--ops-url: {wrongOps}");
        if (TelemetryLogging.FormatOf(given["log-format"]) is not { } format) return (null, $"--log-format: '{given["log-format"]}' is not known; use text or json");
        var (export, wrongExport) = ExportSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        if (wrongExport is not null) return (null, wrongExport);
        if (Seconds(given, "release-grace-seconds", 300, 1, 86_400, out var grace) is { } wrongGrace) return (null, wrongGrace);
        if (Seconds(given, "lock-seconds", 15, 3, 3600, out var term) is { } wrongTerm) return (null, wrongTerm);
        if (ReadWebhook(given, out var webhook) is { } wrongWebhook) return (null, wrongWebhook);

        List<Cidr> local = [];
        foreach (var written in (given["local-cidrs"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Cidr.TryParse(written, out var block)) return (null, $"--local-cidrs: {CidrText.Explain(written)}");
            local.Add(block);
        }

        if (local.Count > LocalCidrsMax) return (null, $"--local-cidrs: at most {LocalCidrsMax}");

        return (new()
        {
            LocalCidrs = local,
            OpsUrl = given["ops-url"] is { } ops ? new Uri(ops) : null,
            LogFormat = format,
            Export = export,
            ReleaseGrace = grace,
            Webhook = isEmbedded ? null : webhook,
            Identity = given["identity"] ?? $"{Environment.MachineName}_{Guid.NewGuid()}",
            LockTerm = term,
            Name = name,
            Hub = hub,
            Embedded = isEmbedded,
            Data = given["data"] ?? "",
            ApiUrl = isEmbedded ? new Uri(given["api-url"]!) : null,
            Kubeconfig = given["kubeconfig"],
            Namespace = given["namespace"] ?? "federation-system",
            HubAuthority = given["hub-ca"],
            HubCertificate = given["hub-cert"],
            HubKey = given["hub-key"],
        }, null);
    }

    /// <summary>What is wrong with an option that is a number of seconds; null when it is sound or not given.</summary>
    static string? Seconds(IConfiguration given, string name, int preset, int least, int most, out TimeSpan read)
    {
        read = TimeSpan.FromSeconds(preset);
        if (given[name] is not { } text) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < least || seconds > most) return $"--{name}: '{text}' is not a number of seconds from {least} to {most}";
        read = TimeSpan.FromSeconds(seconds);
        return null;
    }

    static string? ReadWebhook(IConfiguration given, out WebhookListener? read)
    {
        read = null;
        if (given["webhook-url"] is not { } text) return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not "https" || url.PathAndQuery is not "/") return $"--webhook-url: '{text}' is no URL to listen on; write https://ADDRESS:PORT";
        if (given["webhook-cert"] is not { } certificate || given["webhook-key"] is not { } key) return "--webhook-url needs --webhook-cert and --webhook-key";
        if (!File.Exists(certificate)) return $"--webhook-cert: there is no file {certificate}";
        if (!File.Exists(key)) return $"--webhook-key: there is no file {key}";

        read = new(url, certificate, key);
        return null;
    }
}

/// <summary>Where the agent's webhook listens, with its certificate and key as PEM files.</summary>
sealed record WebhookListener(Uri Url, string Certificate, string Key);
