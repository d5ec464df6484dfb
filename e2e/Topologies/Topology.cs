using Federation.Kubernetes;

namespace Federation.E2E;

/// <summary>
/// Running processes that a case can talk to: <c>hub</c> is one hub where claims are filed too; <c>edge</c> is a hub with
/// two edge agents, each serving an API of its own, where claims are filed.
/// </summary>
sealed class Topology : IAsyncDisposable
{
    const string Hub = "hub";
    const string Edge = "edge";

    public static readonly IReadOnlyList<string> Names = [Hub, Edge];

    readonly List<KubernetesConnection> connections = [];
    readonly List<ServerProcess> processes = [];
    readonly List<NetworkLine> lines = [];
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

    public bool HasEdges => Name == Edge;

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
    public Task RestartHubAsync(CancellationToken cancel) => processes[0].StartAsync(cancel);

    /// <summary>Copies what the hub knows at this moment, while it serves.</summary>
    public Task BackUpHubAsync(CancellationToken cancel) => processes[0].CommandAsync(["backup", "--data", HubData, "--to", Backup], cancel);

    /// <summary>Puts the backup in the place of what a hub that was killed knew.</summary>
    public Task<string> RestoreHubAsync(CancellationToken cancel) => processes[0].CommandAsync(["restore", "--data", HubData, "--from", Backup], cancel);

    string HubData => Path.Combine(folder.FullName, "hub");

    string Backup => Path.Combine(folder.FullName, "hub-backup.db");

    async Task StartAsync(CancellationToken cancel)
    {
        var ports = FreePorts.Take(4);
        (var hub, grpc) = (Url(ports[0]), Url(ports[1]));
        (HubApi, HubUrl) = (Connect(hub), hub);
        await StartAsync("Federation.Hub", "federation-hub", "hub", hub, ["serve", "--grpc-url", grpc.ToString()], cancel);
        (Api, OtherApi, ApiUrl) = (HubApi, HubApi, hub);
        if (!HasEdges) return;

        Gateway = await FaultGateway.StartAsync(grpc, cancel);
        (Api, OtherApi, ApiUrl) = (Connect(Url(ports[2])), Connect(Url(ports[3])), Url(ports[2]));
        await StartEdgeAsync("east", "east", Url(ports[2]), cancel);
        await StartEdgeAsync("west", "west", Url(ports[3]), cancel);
    }

    /// <summary>Ends the first edge's agent the hard way.</summary>
    public void KillEdge() => processes[1].Kill();

    public Task RestartEdgeAsync(CancellationToken cancel) => processes[1].StartAsync(cancel);

    /// <summary>Starts the first edge's agent again with another idea of where its hub is.</summary>
    public Task RestartEdgeAsync(Uri hub, CancellationToken cancel) => processes[1].StartAsync(cancel, ("--hub", hub.ToString()));

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

    async Task StartEdgeAsync(string folderName, string edge, Uri api, CancellationToken cancel)
    {
        var line = new NetworkLine(grpc);
        lines.Add(line);
        await StartAsync("Federation.Edge", "federation-edge", folderName, api, ["run", "--name", edge, "--hub", line.Address.ToString(), "--embedded", "--release-grace-seconds", "2"], cancel);
    }

    async Task StartAsync(string project, string assembly, string name, Uri api, string[] arguments, CancellationToken cancel)
    {
        var data = folder.CreateSubdirectory(name).FullName;
        var process = new ServerProcess(project, assembly, [.. arguments, "--data", data, "--api-url", api.ToString()], api, Path.Combine(folder.FullName, $"{name}.log"), time);
        processes.Add(process);
        await process.StartAsync(cancel);
    }

    KubernetesRestClient Connect(Uri url)
    {
        var connection = KubernetesConnection.FromUrl(url);
        connections.Add(connection);
        return new(connection, time);
    }

    static Uri Url(int port) => new($"http://127.0.0.1:{port}");

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in connections) connection.Dispose();
        foreach (var process in Enumerable.Reverse(processes)) process.Dispose();
        foreach (var line in lines) line.Dispose();
        if (Gateway is not null) await Gateway.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
