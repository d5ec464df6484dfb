using Federation.Edge;
using Federation.Proto.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace Federation.Simulation;

/// <summary>An edge's agent: the real one, between a simulated API server and a simulated hub.</summary>
sealed class SimulatedAgent(Scheduler scheduler, Site site, SimulatedHub hub, EdgeOptions options, double watchesTooOld, Action<string> surprised)
{
    SimulatedProcess? process;
    bool isRetired;

    public SimulatedProcess? Process => process is { IsDead: false } ? process : null;

    public void Start()
    {
        if (isRetired || Process is not null) return;
        var started = process = new SimulatedProcess(scheduler, $"agent-{site.Name}", anyOrder: false);
        started.Do(() => _ = LiveAsync(started));
    }

    public void Kill() => process?.Kill();

    /// <summary>For good: whoever wants to start it again does not.</summary>
    public void Retire()
    {
        isRetired = true;
        Kill();
    }

    async Task LiveAsync(SimulatedProcess mine)
    {
        try
        {
            var time = site.Clock.For(mine);
            var api = new ClusterApi(site.Cluster, site.ApiWire, scheduler, mine, time, "agent") { TooOld = watchesTooOld };
            var calls = new HubCalls(site.HubWire, scheduler, hub, mine, time, options.Name, surprised);
            var identity = new SiteIdentity(_ => Task.FromResult($"site-{site.Name}"));
            await new AgentWork(options, api, new LeaseService.LeaseServiceClient(calls), identity, site.Clock, time, scheduler.Random.NextDouble, NullLoggerFactory.Instance).RunAsync(CancellationToken.None);
        }
        catch (Exception e)
        {
            surprised($"the agent of {site.Name} fell: {e}");
        }

        Kill();
    }
}

/// <summary>A place with an API server, and an agent or two that both believe to lead.</summary>
sealed class Site
{
    public required string Name { get; init; }

    /// <summary>What it calls itself at the hub.</summary>
    public required string Edge { get; init; }

    public required MachineClock Clock { get; init; }

    public required SimulatedCluster Cluster { get; init; }

    public required Wire HubWire { get; init; }

    public required Wire ApiWire { get; init; }

    public List<SimulatedAgent> Agents { get; } = [];
}
