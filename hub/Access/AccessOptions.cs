using Federation.Kubernetes;

namespace Federation.Hub;

/// <summary>Who may do what over the REST API of a hub behind TLS.</summary>
sealed record AccessOptions
{
    /// <summary>The value of <c>--delegate</c> for the cluster the hub is a pod of.</summary>
    public const string InCluster = "in-cluster";

    /// <summary>Whose members may do everything.</summary>
    public IReadOnlyList<string> AdminGroups { get; init; } = ["federation:admins", "system:masters"];

    /// <summary>Whose members may look at everything.</summary>
    public IReadOnlyList<string> ViewerGroups { get; init; } = ["federation:viewers"];

    /// <summary>The authority of the API server in front of the hub; null when there is none.</summary>
    public string? FrontProxyAuthority { get; init; }

    /// <summary>Common names its certificate may have; none for any.</summary>
    public IReadOnlyList<string> FrontProxyNames { get; init; } = [];

    /// <summary>A kubeconfig, or <see cref="InCluster"/>: the cluster that is asked about everybody else; null for none.</summary>
    public string? Delegate { get; init; }

    public KubernetesConnection? Connect() => Delegate switch
    {
        null => null,
        InCluster => KubernetesConnection.InCluster(),
        var path => KubernetesConnection.FromKubeconfig(path),
    };

    /// <summary>Behind an API server, clients look for events where they look for namespaces: in its cluster. Null when the hub keeps its own.</summary>
    public KubernetesEvents? EventsOf(IKubernetesApi? cluster) => cluster is not null && FrontProxyAuthority is not null ? new(cluster) : null;

    /// <summary>The options, or what is wrong with the arguments.</summary>
    public static (AccessOptions Options, string? Error) Read(IConfiguration given, bool hasTls)
    {
        var options = new AccessOptions();
        options = options with
        {
            AdminGroups = List(given["admin-groups"]) ?? options.AdminGroups,
            ViewerGroups = List(given["viewer-groups"]) ?? options.ViewerGroups,
            FrontProxyAuthority = given["front-proxy-ca"],
            FrontProxyNames = List(given["front-proxy-names"]) ?? [],
            Delegate = given["delegate"],
        };
        return (options, Wrong("front-proxy-ca", options.FrontProxyAuthority, hasTls) ?? Wrong("delegate", options.Delegate is InCluster ? null : options.Delegate, hasTls));
    }

    static string? Wrong(string name, string? path, bool hasTls) => path switch
    {
        null => null,
        _ when !hasTls => $"--{name} needs --tls-cert, --tls-key and --client-ca",
        _ => File.Exists(path) ? null : $"--{name}: there is no file {path}",
    };

    static string[]? List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
