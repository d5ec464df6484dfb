using System.Text.Json.Nodes;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>A cluster made ready for an edge as an operator would: definitions, the agent's rights, its webhook.</summary>
sealed class ClusterSite
{
    public const string Namespace = "federation-system";

    /// <summary>The lock of edge east's agents.</summary>
    public const string LockName = "federation-edge-east";

    /// <summary>So long the API server still takes a token that has ended.</summary>
    public static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(1);

    readonly KubeServer server;
    readonly Kubectl kubectl;
    string token = "";
    string account = "";

    ClusterSite(KubeServer server, CancellationToken cancel) => (this.server, kubectl) = (server, new(server.Url, cancel, server.KubeconfigPath));

    /// <summary>What the agent runs as: the service account of the manifests, and not a right more.</summary>
    public string AgentKubeconfig { get; private set; } = "";

    public static async Task<ClusterSite> PrepareAsync(KubeServer server, CancellationToken cancel)
    {
        var site = new ClusterSite(server, cancel);
        await site.kubectl.RunAsync($"apply --validate=false -k {Path.Combine(ServerProcess.Repository(), "deploy", "crds")}");
        await site.ApplyAsync("edge/base/namespace.yaml", "edge/base/rbac.yaml");
        site.account = (await site.kubectl.RunAsync($"get serviceaccount federation-edge -n {Namespace} -o 'jsonpath={{.metadata.uid}}'")).Trim();
        site.token = (await site.kubectl.RunAsync($"create token federation-edge -n {Namespace} --duration=24h")).Trim();
        site.AgentKubeconfig = server.WriteKubeconfig("agent.kubeconfig", $"{{token: '{site.token}'}}");
        server.Keys.WriteSigned("webhook", "ca", "CN=federation-edge-webhook", "federation-edge-webhook.federation-system.svc");
        return site;
    }

    /// <summary>The agent's kubeconfig by way of a gateway.</summary>
    public string KubeconfigThrough(Uri gateway) => server.WriteKubeconfig("agent-gateway.kubeconfig", $"{{token: '{token}'}}", gateway);

    /// <summary>The agent's kubeconfig with a token in a file that <see cref="WriteToken"/> writes.</summary>
    public string KubeconfigOfTokenFile() => server.WriteKubeconfig("agent-token.kubeconfig", "{tokenFile: agent.token}");

    /// <summary>Writes a token of the agent's that the API server takes for so long; with what it forgives, for a little longer.</summary>
    public void WriteToken(TimeSpan lasting, DateTimeOffset now) => server.Keys.WriteToken("agent.token", Namespace, "federation-edge", account, now, now + lasting);

    /// <summary>How an agent of this cluster is started.</summary>
    public IReadOnlyList<string> Arguments(Uri ops, Uri? webhook) =>
    [
        "--kubeconfig", AgentKubeconfig, "--ops-url", ops.ToString(), "--lock-seconds", "5",
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

    /// <summary>Takes the agents' lock out of its holder's hand.</summary>
    public static Task FreeLockAsync(IKubernetesApi api, CancellationToken cancel) =>
        api.MergePatchAsync<LeaseLock>(Namespace, LockName, new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = "" } }, cancel: cancel);

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
