using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>What the agent knows and works with: the API, copies of its objects, and the book derived from them.</summary>
sealed class AgentState
{
    public AgentState(IKubernetesApi api, EdgeOptions options, TimeProvider time, ILoggerFactory logs)
    {
        Api = api;
        Options = options;
        Time = time;
        Draw = new Random().NextDouble;
        Pools = Copy<IPPool>(logs);
        Claims = Copy<IPClaim>(logs);
        Allocations = Copy<IPAllocation>(logs);
        PoolClaims = Copy<IPPoolClaim>(logs);
        Local = new(time, Draw);
        Remote = new(time, Draw);
        Pools.OnChange(Book.Apply);
        Allocations.OnChange(Book.Apply);
    }

    public IKubernetesApi Api { get; }

    public EdgeOptions Options { get; }

    public TimeProvider Time { get; }

    public Func<double> Draw { get; }

    public Informer<IPPool> Pools { get; }

    public Informer<IPClaim> Claims { get; }

    public Informer<IPAllocation> Allocations { get; }

    public Informer<IPPoolClaim> PoolClaims { get; }

    public LocalBook Book { get; } = new();

    /// <summary>Claims and pools: never waits for the hub.</summary>
    public WorkQueue<WorkKey> Local { get; }

    /// <summary>Pool claims: waits for the hub.</summary>
    public WorkQueue<WorkKey> Remote { get; }

    Informer<T> Copy<T>(ILoggerFactory logs) where T : Resource => new(Api, Time, Draw, log: logs.CreateLogger<Informer<T>>());
}

/// <summary>An object to look at.</summary>
readonly record struct WorkKey(string Namespace, string Name);
