using System.Globalization;
using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.E2E;
using Federation.Edge;
using Federation.Hub;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;
using Federation.Tests.Conditions;
using Federation.Tests.Conformance;
using Federation.Tests.Hub;
using Microsoft.Extensions.Logging.Abstractions;
using IPPoolClaim = Federation.Resources.IPPoolClaim;

namespace Federation.Tests.Plans;

/// <summary>
/// A cluster's API server and a hub, on the wire, and agents of the edge whose looks at pool claims are taken one at a
/// time. All of it, the test's own body too, runs on the agent's thread.
/// </summary>
sealed class HandDrivenEdge : IAsyncDisposable
{
    public const string Root = "prod";

    public static readonly WorkKey Key = new("default", "block");

    readonly List<HandDrivenAgent> agents = [];
    readonly BareServer server;

    HandDrivenEdge(BareServer server, TestHub hub)
    {
        (this.server, Hub) = (server, hub);
        People = new KubernetesRestClient(KubernetesConnection.FromUrl(server.Http.BaseAddress!), TimeProvider.System);
    }

    public TestHub Hub { get; }

    public ObjectStore Store => server.Store;

    /// <summary>The API as people use it.</summary>
    public IKubernetesApi People { get; }

    /// <summary>The agents' clock.</summary>
    public VirtualTime Time { get; } = new();

    /// <summary>Runs a test's body against a hub with one root pool.</summary>
    public static async Task RunAsync(Func<HandDrivenEdge, Task> body, string leasing = """{"defaultPrefixLength":24}""")
    {
        var hub = await TestHub.StartAsync(but: static options => options with { Terms = options.Terms with { ReuseDelay = TimeSpan.Zero } });
        await hub.PoolAsync(Root, "10.64.0.0/16", $$""","leasing":{{leasing}}""");
        await using var edge = new HandDrivenEdge(await BareServer.StartAsync(), hub);
        await AgentThread.RunAsync(() => edge.LiveAsync(body)).Within();
    }

    async Task LiveAsync(Func<HandDrivenEdge, Task> body)
    {
        try
        {
            await body(this);
        }
        finally
        {
            foreach (var agent in agents) await agent.DisposeAsync();
        }
    }

    /// <summary>An agent that has copied all there is and knows the hub's pools.</summary>
    public async Task<HandDrivenAgent> AgentAsync()
    {
        var agent = new HandDrivenAgent(server.Http.BaseAddress!, Hub.Get<HubOptions>().GrpcUrl, Time, agents.Count);
        agents.Add(agent);
        await agent.StartAsync();
        return agent;
    }

    public Task<IPPoolClaim> FileAsync(int prefixLength = 24, string name = "block") => People.CreateAsync(new IPPoolClaim
    {
        Metadata = new() { Name = name, Namespace = Key.Namespace },
        Spec = new() { ParentPoolRef = new() { Name = Root }, PrefixLength = prefixLength },
    });

    /// <summary>An agent that has written down the plan for a block, and done nothing of it yet.</summary>
    public async Task<HandDrivenAgent> PlannedAsync()
    {
        var agent = await AgentAsync();
        await agent.SeesAsync(await FileAsync());
        await agent.LookAsync();
        await agent.LookAsync();
        return agent;
    }

    /// <summary>An agent that has a block.</summary>
    public async Task<HandDrivenAgent> BoundAsync()
    {
        var agent = await PlannedAsync();
        await agent.LookOnAsync();
        return agent;
    }

    public IPPoolClaim Claim(string name = "block") => Store.Current.Find<IPPoolClaim>(Key.Namespace, name)!;

    public IPPool? Child => Store.Current.All<IPPool>().FirstOrDefault(static pool => pool.Spec.ParentPoolRef is not null);

    public Condition Says(string type) => Claim().Status!.Conditions!.Find(type)!;

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        await Hub.DisposeAsync();
    }
}

/// <summary>The agent's parts, of which each look is asked for; copies and the talk with the hub go on by themselves.</summary>
sealed class HandDrivenAgent(Uri api, Uri hub, VirtualTime time, int number) : IAsyncDisposable
{
    readonly CancellationTokenSource end = new();
    readonly HubChannel channel = HubChannel.Open(new() { Address = hub, EdgeName = "east", DefaultDeadline = Limits.Longest }, TimeProvider.System);
    List<Task> running = [];

    public WireLog Wire { get; } = new(HandDrivenEdge.Root);

    public AgentParts Parts { get; private set; } = null!;

    public AgentState State => Parts.State;

    public async Task StartAsync()
    {
        var connection = new KubernetesConnection { Http = new HttpClient(Wire.Api()) { Timeout = Timeout.InfiniteTimeSpan }, Base = api };
        var draws = new Random(number);
        var state = new AgentState(new KubernetesRestClient(connection, TimeProvider.System), new() { Name = "east", Hub = hub }, new SkewedClock(), time, draws.NextDouble, NullLoggerFactory.Instance);
        Parts = new(state, new LeaseService.LeaseServiceClient(Wire.Hub(channel.Invoker)), new SiteIdentity(static _ => Task.FromResult("site")), NullLoggerFactory.Instance);
        running = [.. state.Copy(end.Token), Parts.Session.RunAsync(end.Token)];
        await state.SyncedAsync();
        await UntilAsync(() => state.Pools.Get(null, HandDrivenEdge.Root) is not null && state.Hub.Awaited is null, "the hub's pools are not known");
        Wire.Take();
    }

    /// <summary>One look; answers what went over the wire for it.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(WorkKey? at = null)
    {
        try
        {
            await Parts.PoolClaims.ReconcileAsync(at ?? HandDrivenEdge.Key, end.Token);
        }
        catch (HubDelayException)
        {
            // Tried again later: the caller looks again.
        }

        return Wire.Take();
    }

    /// <summary>Looks on until a look has nothing more to do.</summary>
    public async Task LookOnAsync()
    {
        while ((await LookAsync()).Count > 0)
        {
        }
    }

    /// <summary>Until the agent's copy has it as it was stored, or later.</summary>
    public Task SeesAsync(IPPoolClaim stored) => SeesAsync(State.PoolClaims, stored);

    public Task SeesAsync(IPAllocation stored) => SeesAsync(State.Allocations, stored);

    static Task SeesAsync<T>(Informer<T> copy, T stored) where T : Resource =>
        UntilAsync(() => VersionOf(copy.Get(stored.Namespace, stored.Name)) >= VersionOf(stored), $"{stored.Name} is not seen as it is");

    /// <summary>Our own server's versions are numbers that grow.</summary>
    static long VersionOf(Resource? resource) => long.Parse(resource?.Metadata.ResourceVersion ?? "0", NumberStyles.None, CultureInfo.InvariantCulture);

    public static async Task UntilAsync(Func<bool> isSo, string otherwise) =>
        await new Patience(TimeProvider.System, Limits.Cancel).UntilAsync(() => Task.FromResult(isSo()), static so => so, _ => otherwise);

    /// <summary>It falls: nothing of it goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (running.Count == 0) return;
        End();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        running = [];
        channel.Dispose();
        end.Dispose();
    }

    /// <summary>On the agent's own thread: the asynchronous way leaves it.</summary>
    void End() => end.Cancel();
}
