using Federation.ApiServer;

namespace Federation.Hub;

/// <summary>How a hub is started. Every option is a command line argument of the same name.</summary>
sealed record HubOptions
{
    public const string Usage = "usage: federation-hub serve --data DIR --api-url URL --grpc-url URL [--tls-cert FILE --tls-key FILE --client-ca FILE]";

    /// <summary>What the hub calls itself.</summary>
    public const string Version = "0.1.0";

    /// <summary>The folder that holds everything the hub knows.</summary>
    public required string Data { get; init; }

    /// <summary>Where the REST API listens.</summary>
    public required Uri ApiUrl { get; init; }

    /// <summary>Where edges connect.</summary>
    public required Uri GrpcUrl { get; init; }

    /// <summary>Required for anything but loopback.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>How long an edge may allocate from a lease without renewing it.</summary>
    public TimeSpan LeaseTerm { get; init; } = TimeSpan.FromHours(168);

    /// <summary>The options, or what is wrong with the arguments.</summary>
    public static (HubOptions? Options, string? Error) Read(string[] args)
    {
        if (args is not ["serve", .. var rest]) return (null, Usage);
        if (Unknown(rest) is { } unknown) return (null, $"unknown argument '{unknown}'\n{Usage}");

        var given = new ConfigurationBuilder().AddEnvironmentVariables("FEDERATION_HUB_").AddCommandLine(rest).Build();
        foreach (var name in new[] { "data", "api-url", "grpc-url" })
        {
            if (string.IsNullOrWhiteSpace(given[name])) return (null, $"--{name} is missing\n{Usage}");
        }

        var tls = given["tls-cert"] is { } certificate && given["tls-key"] is { } key && given["client-ca"] is { } authority ? new TlsFiles(certificate, key, authority) : null;
        foreach (var name in new[] { "api-url", "grpc-url" })
        {
            if (Listener.Refusal(given[name], tls) is { } refusal) return (null, $"--{name}: {refusal}");
        }

        return (new() { Data = given["data"]!, ApiUrl = new(given["api-url"]!), GrpcUrl = new(given["grpc-url"]!), Tls = tls }, null);
    }

    static string? Unknown(string[] args)
    {
        string[] known = ["data", "api-url", "grpc-url", "tls-cert", "tls-key", "client-ca"];
        return args.Where(static (_, index) => index % 2 == 0).Select(static argument => argument.Split('=')[0]).FirstOrDefault(argument => !argument.StartsWith("--", StringComparison.Ordinal) || !known.Contains(argument[2..]));
    }
}
