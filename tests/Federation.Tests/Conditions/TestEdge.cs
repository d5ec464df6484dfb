using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.E2E;
using Federation.Edge;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Tests.Conditions;

/// <summary>A whole edge in this process: the agent, and an API of its own in a folder of its own. It can be started again elsewhere.</summary>
sealed class TestEdge : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-test-edge-");
    readonly SkewedClock clock = new();
    EdgeHost host = null!;

    public IKubernetesApi Api { get; private set; } = null!;

    public Uri Url => host.Options.ApiUrl!;

    public ObjectStore Store => host.Get<ObjectStore>();

    /// <summary>The machine's clock as the agent counts terms on it.</summary>
    public SkewedClock Clock => clock;

    /// <summary>Its API as somebody uses it who files claims in the default namespace.</summary>
    public Site Site(CancellationToken? until = null) => new(Api, "default", new Patience(TimeProvider.System, until ?? Limits.Cancel));

    public static async Task<TestEdge> StartAsync(Uri hub)
    {
        var edge = new TestEdge();
        await edge.OpenAsync(hub);
        return edge;
    }

    /// <summary>Stops the agent and starts it again with the same data and another hub.</summary>
    public async Task RestartAsync(Uri hub)
    {
        await host.DisposeAsync();
        await OpenAsync(hub);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>A condition once it is so.</summary>
    public async Task<Condition> UntilAsync<T>(string? ns, string name, string type, Func<Condition, bool> isSo) where T : Resource
    {
        var limit = Limits.Cancel;
        Condition? last = null;
        while (true)
        {
            var seen = Store.Changes.Last;
            last = FleetScene.ConditionsOf(Store.Current.Find<T>(ns, name))?.Find(type) ?? last;
            if (last is not null && isSo(last)) return last;
            try
            {
                await Store.Changes.WaitAsync(seen, limit);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{typeof(T).Name} {name} says {type}={last?.Status} {last?.Reason} \"{last?.Message}\"");
            }
        }
    }

    async Task OpenAsync(Uri hub)
    {
        host = await EdgeHost.StartAsync(folder, hub, clock: clock);
        Api = new KubernetesRestClient(KubernetesConnection.FromUrl(Url), TimeProvider.System);
    }
}

/// <summary>The machine's clock, which a test can put forward.</summary>
sealed class SkewedClock : IBootClock
{
    readonly SystemBootClock real = new(TimeProvider.System);

    public TimeSpan Ahead { get; set; }

    public ClockReading Read() => real.Read() is var read ? new(read.BootId, read.SinceBoot + Ahead, read.Wall + Ahead) : default;
}
