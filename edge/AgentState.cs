using Federation.ApiServer;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>What the agent knows and works with: the API, copies of its objects, and the book derived from them.</summary>
sealed class AgentState
{
    public AgentState(IKubernetesApi api, EdgeOptions options, IBootClock clock, TimeProvider time, Func<double> draw, ILoggerFactory logs, EdgeMetrics? metrics = null)
    {
        Api = api;
        Options = options;
        Time = time;
        Clock = clock;
        Leases = new(clock);
        Book = new(Leases, IsBound);
        Draw = draw;
        Events = new("federation-edge", options.Name, new KubernetesEvents(api), time);
        uids = new(time, () => (ulong)(draw() * ulong.MaxValue));
        Pools = Copy<IPPool>(logs);
        Claims = Copy<IPClaim>(logs);
        Allocations = Copy<IPAllocation>(logs);
        PoolClaims = Copy<IPPoolClaim>(logs);
        Local = new(time, Draw);
        Remote = new(time, Draw);
        Waiting = new(pool => Book.Touched.Add(pool));
        Allocations.AddIndex(RestingIndex, static allocation => allocation.Status?.Phase is AllocationPhase.Resting ? [""] : []);
        Claims.OnChange(Waiting.Apply);
        PoolClaims.OnChange(Book.Apply);
        Pools.OnChange(Book.Apply);
        Allocations.OnChange(Book.Apply);
        Metrics = metrics;
        metrics?.Observe(this);
    }

    const string RestingIndex = "resting";

    readonly OrderedUids uids;

    /// <summary>Allocations whose blocks rest.</summary>
    public IReadOnlyList<IPAllocation> Resting => Allocations.ByIndex(RestingIndex, "");

    /// <summary>Null where nobody measures.</summary>
    public EdgeMetrics? Metrics { get; }

    public EdgeTraces Traces { get; } = new();

    public IKubernetesApi Api { get; }

    public EdgeOptions Options { get; }

    public TimeProvider Time { get; }

    public IBootClock Clock { get; }

    /// <summary>Draws a number from 0 to 1, for the spread of waits.</summary>
    public Func<double> Draw { get; }

    public Informer<IPPool> Pools { get; }

    public Informer<IPClaim> Claims { get; }

    public Informer<IPAllocation> Allocations { get; }

    public Informer<IPPoolClaim> PoolClaims { get; }

    /// <summary>What people are told about objects.</summary>
    public EventRecorder Events { get; }

    /// <summary>A name nobody has had, in the order of time.</summary>
    public Guid NewId() => uids.Next();

    /// <summary>How the edge stands with its hub.</summary>
    public HubStanding Hub { get; } = new();

    /// <summary>Which lent blocks may be used.</summary>
    public LeaseBook Leases { get; }

    public LocalBook Book { get; }

    public WaitingClaims Waiting { get; }

    /// <summary>Claims and pools: never waits for the hub.</summary>
    public WorkQueue<WorkKey> Local { get; }

    /// <summary>Pool claims: waits for the hub.</summary>
    public WorkQueue<WorkKey> Remote { get; }

    /// <summary>Done once everything that exists is known. One after the other: what waits for all at once goes on elsewhere than on the agent's thread.</summary>
    public async Task SyncedAsync()
    {
        foreach (var synced in new[] { Pools.HasSynced, Claims.HasSynced, Allocations.HasSynced, PoolClaims.HasSynced }) await synced;
    }

    /// <summary>Keeps the copies up to date until cancelled.</summary>
    public Task[] Copy(CancellationToken cancel) => [Pools.RunAsync(cancel), Claims.RunAsync(cancel), Allocations.RunAsync(cancel), PoolClaims.RunAsync(cancel)];

    /// <summary>Whether an allocation's claim has been told that it is its own.</summary>
    bool IsBound(IPAllocation allocation) => allocation.Spec.ClaimRef is { } owner && Claims.Get(owner.Namespace, owner.Name!) is { } claim && claim.Uid == owner.Uid && claim.Status?.BoundAllocationRef?.Name == allocation.Name;

    Informer<T> Copy<T>(ILoggerFactory logs) where T : Resource => new(Api, Time, Draw, log: logs.CreateLogger<Informer<T>>());
}

/// <summary>An object to look at.</summary>
readonly record struct WorkKey(string Namespace, string Name);
