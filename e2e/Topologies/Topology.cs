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
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-e2e-");
    readonly TimeProvider time;

    Topology(string name, TimeProvider time) => (Name, this.time) = (name, time);

    public string Name { get; }

    /// <summary>Where root pools are made.</summary>
    public IKubernetesApi HubApi { get; private set; } = null!;

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

    async Task StartAsync(CancellationToken cancel)
    {
        var ports = FreePorts.Take(4);
        var (hub, grpc) = (Url(ports[0]), Url(ports[1]));
        HubApi = Connect(hub);
        await StartAsync("Federation.Hub", "federation-hub", "hub", hub, ["serve", "--grpc-url", grpc.ToString()], cancel);
        (Api, OtherApi) = (HubApi, HubApi);
        if (!HasEdges) return;

        (Api, OtherApi) = (Connect(Url(ports[2])), Connect(Url(ports[3])));
        await StartAsync("Federation.Edge", "federation-edge", "east", Url(ports[2]), ["run", "--name", "east", "--hub", grpc.ToString(), "--embedded"], cancel);
        await StartAsync("Federation.Edge", "federation-edge", "west", Url(ports[3]), ["run", "--name", "west", "--hub", grpc.ToString(), "--embedded"], cancel);
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

    public ValueTask DisposeAsync()
    {
        foreach (var connection in connections) connection.Dispose();
        foreach (var process in Enumerable.Reverse(processes)) process.Dispose();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
