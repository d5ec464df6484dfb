using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>A cluster made ready for an edge as an operator would: definitions, the agent's rights, its webhook.</summary>
sealed class ClusterSite
{
    public const string Namespace = "federation-system";

    readonly KubeServer server;
    readonly Kubectl kubectl;

    ClusterSite(KubeServer server, CancellationToken cancel) => (this.server, kubectl) = (server, new(server.Url, cancel, server.KubeconfigPath));

    /// <summary>What the agent runs as: the service account of the manifests, and not a right more.</summary>
    public string AgentKubeconfig { get; private set; } = "";

    public static async Task<ClusterSite> PrepareAsync(KubeServer server, CancellationToken cancel)
    {
        var site = new ClusterSite(server, cancel);
        await site.kubectl.RunAsync($"apply --validate=false -k {Path.Combine(ServerProcess.Repository(), "deploy", "crds")}");
        await site.ApplyAsync("edge/base/namespace.yaml", "edge/base/rbac.yaml");
        var token = (await site.kubectl.RunAsync($"create token federation-edge -n {Namespace} --duration=24h")).Trim();
        site.AgentKubeconfig = server.WriteKubeconfig("agent.kubeconfig", $"{{token: '{token}'}}");
        server.Keys.WriteSigned("webhook", "ca", "CN=federation-edge-webhook", "federation-edge-webhook.federation-system.svc");
        return site;
    }

    /// <summary>How an agent of this cluster is started.</summary>
    public IReadOnlyList<string> Arguments(Uri ops, Uri? webhook) =>
    [
        "--kubeconfig", AgentKubeconfig, "--ops-url", ops.ToString(), "--lock-seconds", "3",
        .. webhook is null ? Array.Empty<string>() : ["--webhook-url", webhook.ToString(), "--webhook-cert", server.Keys.Path("webhook.crt"), "--webhook-key", server.Keys.Path("webhook.key")],
    ];

    /// <summary>Lets the API server ask the agent at this address, as it would through the service.</summary>
    public async Task RegisterWebhookAsync(Uri webhook)
    {
        await ApplyAsync("edge/base/webhook.yaml");
        var authority = Convert.ToBase64String(await File.ReadAllBytesAsync(server.Keys.Path("ca.crt")));
        var config = $"{{\"url\":\"{webhook}validate\",\"caBundle\":\"{authority}\"}}";
        await kubectl.RunAsync($"patch validatingwebhookconfiguration federation-edge --type=json -p '[{{\"op\":\"replace\",\"path\":\"/webhooks/0/clientConfig\",\"value\":{config}}}]'");
    }

    /// <summary>Not validated by kubectl: what an older server does not know it leaves out.</summary>
    async Task ApplyAsync(params string[] paths)
    {
        foreach (var path in paths) await kubectl.RunAsync($"apply --validate=false -f {Path.Combine(ServerProcess.Repository(), "deploy", path)}");
    }

    /// <summary>A namespace of the cluster, made when it is not there.</summary>
    public static async Task EnsureNamespaceAsync(IKubernetesApi api, string name, CancellationToken cancel)
    {
        try
        {
            await api.CreateAsync(new NamespaceObject { Metadata = new() { Name = name } }, cancel);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // From an earlier case.
        }
    }
}
