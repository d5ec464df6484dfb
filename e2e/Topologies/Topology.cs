using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>
/// Running processes that a case can talk to: <c>hub</c> is one hub where claims are filed too; <c>edge</c> is a hub with
/// two edge agents, each serving an API of its own, where claims are filed; <c>edge-kube</c> is the same with the first
/// agent on a real kube-apiserver, as the service account of the manifests; <c>hub-aggregated</c> is one hub that is only reached
/// through a kube-apiserver.
/// </summary>
sealed class Topology : IAsyncDisposable
{
    const string Hub = "hub";
    const string Edge = "edge";
    const string EdgeKube = "edge-kube";
    const string HubAggregated = "hub-aggregated";

    public static readonly IReadOnlyList<string> Names = [Hub, Edge, EdgeKube, HubAggregated];

    readonly List<KubernetesConnection> connections = [];
    readonly List<ServerProcess> processes = [];
    readonly List<NetworkLine> lines = [];
    ClusterSite? clusterSite;
    Uri grpc = null!;
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-e2e-");
    readonly TimeProvider time;

    Topology(string name, TimeProvider time) => (Name, this.time) = (name, time);

    public string Name { get; }

    /// <summary>Where root pools are made.</summary>
    public IKubernetesApi HubApi { get; private set; } = null!;

    /// <summary>The address of <see cref="Api"/>, for other clients.</summary>
    public Uri ApiUrl { get; private set; } = null!;

    /// <summary>The address of <see cref="HubApi"/>, for other clients.</summary>
    public Uri HubUrl { get; private set; } = null!;

    /// <summary>Where claims are filed.</summary>
    public IKubernetesApi Api { get; private set; } = null!;

    /// <summary>The second edge's; at a hub the same as <see cref="Api"/>.</summary>
    public IKubernetesApi OtherApi { get; private set; } = null!;

    public bool HasEdges => HasEdgesIn(Name);

    /// <summary>Whether the first edge's agent works on a cluster's API server.</summary>
    public bool HasAgentOnCluster => HasAgentOnClusterIn(Name);

    public static bool HasEdgesIn(string name) => name is Edge or EdgeKube;

    public static bool HasAgentOnClusterIn(string name) => name is EdgeKube;

    /// <summary>The kinds that the API serves where claims are filed: a cluster of an edge those it has definitions of.</summary>
    public IReadOnlyList<KindInfo> Kinds => HasAgentOnCluster ? ResourceDefinitions.Kinds : KindInfo.All;

    /// <summary>Of the first edge's agent: all it holds, and how much of that are pages of files.</summary>
    public (long All, long Files) EdgeMemoryMiB => (processes[1].MemoryMiB, processes[1].FileMemoryMiB);

    /// <summary>What the first edge's agent has had of the processors.</summary>
    public TimeSpan EdgeProcessorTime => processes[1].ProcessorTime;

    /// <summary>The cluster's API as the agent has it: by its name and rights.</summary>
    public KubernetesConnection AgentConnection => KubernetesConnection.FromKubeconfig(clusterSite!.AgentKubeconfig);

    /// <summary>The cluster of the first edge, where it has one.</summary>
    public KubeServer? Cluster { get; private set; }

    /// <summary>Why a topology cannot be started on this machine; null when it can.</summary>
    public static string? Missing(string name) => name is (EdgeKube or HubAggregated) && KubeBinaries.Folder is null ? KubeBinaries.Absent : null;

    public static async Task<Topology> StartAsync(string name, TimeProvider time, CancellationToken cancel)
    {
        var topology = new Topology(name, time);
        try
        {
            await topology.StartAsync(cancel);
            return topology;
        }
        catch
        {
            await topology.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the hub the hard way, without giving it a chance to write anything.</summary>
    public void KillHub() => processes[0].Kill();

    /// <summary>Starts the hub again with the same data on the same ports.</summary>
    public async Task RestartHubAsync(CancellationToken cancel)
    {
        await processes[0].StartAsync(cancel);
        if (Name is HubAggregated) await ClusterHub.UntilAvailableAsync(connections[0], time, cancel);
    }

    /// <summary>Copies what the hub knows at this moment, while it serves.</summary>
    public Task BackUpHubAsync(CancellationToken cancel) => processes[0].CommandAsync(["backup", "--data", HubData, "--to", Backup], cancel);

    /// <summary>Puts the backup in the place of what a hub that was killed knew.</summary>
    public Task<string> RestoreHubAsync(CancellationToken cancel) => processes[0].CommandAsync(["restore", "--data", HubData, "--from", Backup], cancel);

    string HubData => Data("hub");

    string Backup => Path.Combine(folder.FullName, "hub-backup.db");

    async Task StartAsync(CancellationToken cancel)
    {
        var ports = FreePorts.Take(5);
        (var hub, grpc) = (Url(ports[0]), Url(ports[1]));
        if (Name is HubAggregated)
        {
            await StartBehindClusterAsync(new($"https://127.0.0.1:{ports[0]}"), ops: Url(ports[2]), cancel);
            return;
        }

        (HubApi, HubUrl) = (Connect(hub), hub);
        await StartAsync("Federation.Hub", "federation-hub", "hub", hub, ["serve", "--grpc-url", grpc.ToString(), "--data", HubData, "--api-url", hub.ToString()], cancel);
        (Api, OtherApi, ApiUrl) = (HubApi, HubApi, hub);
        if (!HasEdges) return;

        Gateway = await FaultGateway.StartAsync(grpc, cancel);
        OtherApi = Connect(Url(ports[3]));
        if (Name is EdgeKube)
        {
            await StartClusterEdgeAsync(ops: Url(ports[2]), webhook: new($"https://127.0.0.1:{ports[4]}"), cancel);
        }
        else
        {
            (Api, ApiUrl) = (Connect(Url(ports[2])), Url(ports[2]));
            await StartEdgeAsync("east", "east", Url(ports[2]), cancel);
        }

        await StartEdgeAsync("west", "west", Url(ports[3]), cancel);
    }

    async Task StartBehindClusterAsync(Uri hub, Uri ops, CancellationToken cancel)
    {
        Cluster = await KubeServer.StartAsync(time, cancel, withControllers: true);
        await StartAsync("Federation.Hub", "federation-hub", "hub", ops,
            ["serve", "--grpc-url", grpc.ToString(), "--data", HubData, "--api-url", hub.ToString(), "--ops-url", ops.ToString(), .. ClusterHub.Arguments(Cluster)], cancel);
        await ClusterHub.RegisterAsync(Cluster, hub.Port, cancel);
        var api = Connect(Cluster.Connect());
        await ClusterHub.UntilAvailableAsync(connections[0], time, cancel);
        (HubApi, Api, OtherApi, ApiUrl) = (api, api, api, Cluster.Url);
    }

    /// <summary>The namespaces a case files its claims in: a cluster must have them, the others take any.</summary>
    public async Task PrepareAsync(IEnumerable<string> namespaces, CancellationToken cancel)
    {
        if (Cluster is null) return;
        foreach (var name in namespaces) await ClusterSite.EnsureNamespaceAsync(Api, name, cancel);
    }

    async Task StartClusterEdgeAsync(Uri ops, Uri webhook, CancellationToken cancel)
    {
        Cluster = await KubeServer.StartAsync(time, cancel, withControllers: true);
        (Api, ApiUrl) = (Connect(Cluster.Connect()), Cluster.Url);
        clusterSite = await ClusterSite.PrepareAsync(Cluster, cancel);
        await StartAgentAsync("east", ops, webhook, cancel);
        await clusterSite.RegisterWebhookAsync(webhook);
    }

    /// <summary>One more agent of the first edge's cluster, which stands by.</summary>
    public Task<ServerProcess> StartSecondAgentAsync(CancellationToken cancel) => StartAgentAsync("east-2", Url(FreePorts.Take(1)[0]), webhook: null, cancel);

    Task<ServerProcess> StartAgentAsync(string name, Uri ops, Uri? webhook, CancellationToken cancel) => StartAsync("Federation.Edge", "federation-edge", name, ops,
        ["run", "--name", "east", "--hub", NewLine().ToString(), "--release-grace-seconds", "2", .. clusterSite!.Arguments(ops, webhook)], cancel);

    /// <summary>Ends the first edge's agent the hard way.</summary>
    public void KillEdge() => processes[1].Kill();

    public Task RestartEdgeAsync(CancellationToken cancel) => processes[1].StartAsync(cancel);

    /// <summary>Starts the first edge's agent again with another idea of where its hub is.</summary>
    public Task RestartEdgeAsync(Uri hub, CancellationToken cancel) => processes[1].StartAsync(cancel, ("--hub", hub.ToString()));

    /// <summary>Starts the first edge's agent again with a gateway between it and its cluster's API server, and options that have other values.</summary>
    public async Task<ApiGateway> PutGatewayBeforeAgentAsync(CancellationToken cancel, params (string Option, string Value)[] but)
    {
        var gateway = await ApiGateway.StartAsync(Cluster!, cancel);
        KillEdge();
        await processes[1].StartAsync(cancel, [("--kubeconfig", clusterSite!.KubeconfigThrough(gateway.Address)), .. but]);
        return gateway;
    }

    /// <summary>Starts it again as it was. The lock of the one that is killed may be long.</summary>
    public async Task TakeGatewayAwayAsync(CancellationToken cancel)
    {
        KillEdge();
        await ClusterSite.FreeLockAsync(Api, cancel);
        await RestartEdgeAsync(cancel);
    }

    /// <summary>Starts it again with a token in a file; what is answered writes another.</summary>
    public async Task<Action<TimeSpan>> GiveAgentTokenAsync(TimeSpan lasting, CancellationToken cancel)
    {
        KillEdge();
        clusterSite!.WriteToken(lasting - ClusterSite.Forgiven, time.GetUtcNow());
        await processes[1].StartAsync(cancel, ("--kubeconfig", clusterSite.KubeconfigOfTokenFile()));
        return next => clusterSite.WriteToken(next, time.GetUtcNow());
    }

    /// <summary>What the first edge's agent measures, in Prometheus' text.</summary>
    public async Task<string> AgentMetricsAsync(CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = processes[1].AnswersAt };
        return await http.GetStringAsync("/metrics", cancel);
    }

    /// <summary>Between the first edge and the hub.</summary>
    public NetworkLine Line => lines[0];

    /// <summary>Where the line may lead instead of to the hub.</summary>
    public FaultGateway Gateway { get; private set; } = null!;

    /// <summary>Cuts the first edge off from the hub: nothing gets through, and nobody is told.</summary>
    public void CutLine() => lines[0].Cut();

    public void MendLine() => lines[0].Mend();

    /// <summary>Starts one more site that calls itself as the first edge does; its API.</summary>
    public async Task<IKubernetesApi> StartTwinAsync(CancellationToken cancel)
    {
        var api = Url(FreePorts.Take(1)[0]);
        await StartEdgeAsync("twin", "east", api, cancel);
        return Connect(api);
    }

    public void KillTwin() => processes[^1].Kill();

    Task<ServerProcess> StartEdgeAsync(string folderName, string edge, Uri api, CancellationToken cancel) => StartAsync("Federation.Edge", "federation-edge", folderName, api,
        ["run", "--name", edge, "--hub", NewLine().ToString(), "--embedded", "--release-grace-seconds", "2", "--data", Data(folderName), "--api-url", api.ToString()], cancel);

    /// <summary>A line of its own to the hub; its address.</summary>
    Uri NewLine()
    {
        lines.Add(new NetworkLine(grpc));
        return lines[^1].Address;
    }

    async Task<ServerProcess> StartAsync(string project, string assembly, string name, Uri answersAt, string[] arguments, CancellationToken cancel)
    {
        var process = new ServerProcess(project, assembly, arguments, answersAt, Path.Combine(folder.FullName, $"{name}.log"), time);
        processes.Add(process);
        await process.StartAsync(cancel);
        return process;
    }

    string Data(string name) => folder.CreateSubdirectory(name).FullName;

    KubernetesRestClient Connect(Uri url) => Connect(KubernetesConnection.FromUrl(url));

    KubernetesRestClient Connect(KubernetesConnection connection)
    {
        connections.Add(connection);
        return new(connection, time);
    }

    static Uri Url(int port) => new($"http://127.0.0.1:{port}");

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections) connection.Dispose();
        foreach (var process in Enumerable.Reverse(processes)) process.Dispose();
        foreach (var line in lines) line.Dispose();
        if (Cluster is not null) await Cluster.DisposeAsync();
        if (Gateway is not null) await Gateway.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
