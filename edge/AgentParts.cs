using Federation.Proto.V1;

namespace Federation.Edge;

/// <summary>The agent's parts, put together: each knows those it works with. When they do what is <see cref="AgentWork"/>'s.</summary>
sealed class AgentParts
{
    public AgentParts(AgentState state, LeaseService.LeaseServiceClient hub, SiteIdentity site, ILoggerFactory logs)
    {
        State = state;
        var statuses = new StatusWriter(state);
        Supply = new(state);
        Claims = new(state, statuses, Supply);
        Sweep = new(state, Claims);
        Quarantine = new(state, statuses);
        var leases = new LeaseReport(state);
        Session = new(state, hub, site, new PoolCatalogue(state, statuses, logs.CreateLogger<PoolCatalogue>()), leases, new InventoryReport(state, leases), logs.CreateLogger<HubSession>());
        PoolClaims = new(state, statuses, new AcquireSteps(state, hub, Session), new ReleaseSteps(state, new PoolHolders(state.Api), statuses, hub, Session));
        Pools = new(state, statuses);
    }

    public AgentState State { get; }

    public BlockSupply Supply { get; }

    public ClaimReconciler Claims { get; }

    public PoolClaimReconciler PoolClaims { get; }

    public PoolReporter Pools { get; }

    public OrphanSweep Sweep { get; }

    public QuarantineReport Quarantine { get; }

    public HubSession Session { get; }
}
