namespace Federation.E2E;

/// <summary>The cases, by suite. Their address spaces do not overlap, so all fit one hub.</summary>
static class CaseCatalog
{
    public const string Core = "core";

    public const string Leases = "leases";
    public const string Kubectl = "kubectl";
    public const string Cluster = "cluster";
    public const string Status = "status";

    static readonly IReadOnlyList<E2ECase> CoreCases =
    [
        new("EX", "a full pool refuses, and serves again when space is freed", Exhaustion.RefusesAndServesAgainAsync),
        new("SE", "a selector finds its pool by labels", Selectors.ByLabelsAsync),
        new("SX", "a selector finds its pool by expressions", Selectors.ByExpressionsAsync),
        new("OV", "ten claims get ten distinct blocks", ManyClaims.TenAtOnceAsync),
        new("BULK", "1,000 claims of 8 writers at once get distinct blocks", ManyClaims.ThousandFromEightWritersAsync, Disturbs: true),
        new("HI", "child pools serve claims and cannot be deleted while in use", ChildPools.HierarchyAsync),
        new("CP", "a child pool declared by its size lies in its root", ChildPools.BySizeAsync),
        new("PC", "a pool claim ends in a child pool, and gives it back", ChildPools.ClaimedAndReleasedAsync),
        new("IC", "a deleted claim's block is counted free and used again", Claims.FreedAndReusedAsync),
        new("VA", "what is invalid is refused, and what is immutable stays", Validation.RefusedAndImmutableAsync),
        new("VC", "a claim's wish cannot be changed", Validation.ClaimsAreImmutableAsync),
        new("HO", "every address of a small pool is handed out, both families", HostAddresses.AllOfThemAsync),
        new("FM", "a claim for the other family is refused", Claims.FamilyMismatchAsync),
        new("PB", "a block beyond the pool's bounds is refused, and nothing granted", Claims.BoundsAsync),
        new("RC", "a particular block is granted when it is free, and only then", Claims.ParticularBlockAsync),
        new("WF", "waiting claims bind by themselves when space is freed, oldest first", Waiting.FreedSpaceAsync),
        new("WP", "a claim made before its pool binds when the pool appears", Waiting.ClaimBeforePoolAsync),
        new("WS", "a claim by selector binds when a matching pool appears", Waiting.SelectorBeforePoolAsync),
        new("PD", "a claim deleted while it waits takes nothing", Waiting.DeletedWhileWaitingAsync),
        new("RN", "the same name can be claimed again at once", Claims.SameNameAgainAsync),
        new("DS", "a dual-stack pair gets a block of each family", DualStack.PairAsync),
        new("SIX", "/64s come out of an IPv6 /32", DualStack.SixtyFoursAsync),
        new("RO", "overlapping root pools are refused, naming the other", Roots.OverlapAsync),
        new("RD", "a pool with contents cannot be deleted, and stays whole", Roots.InUseAsync),
        new("TWO", "two sites exhaust one root and never share a block", TwoSites.ExhaustOneRootAsync),
        new("KILL", "a hub killed and started again knows all it acknowledged", Restarts.KilledHubAsync, Disturbs: true),
    ];

    /// <summary>The life of a lease, over real processes and a line that can be cut.</summary>
    static readonly IReadOnlyList<E2ECase> LeaseCases =
    [
        new("CORD", "a cordoned edge gets no new lease, and serves from what it has", LeaseOrders.CordonAsync, Disturbs: true, NeedsEdges: true),
        new("QUO", "a pool's limit of leases holds for each edge", LeaseOrders.QuotaAsync, NeedsEdges: true),
        new("ESEL", "a pool is offered to the edges its selector names", LeaseOrders.SelectorAsync, NeedsEdges: true),
        new("GROW", "a block that fills doubles in place, and holds after a crash", LeaseOrders.GrowAsync, Disturbs: true, NeedsEdges: true),
        new("DRN", "a draining edge gives everything back as it becomes empty", LeaseOrders.DrainAsync, Disturbs: true, NeedsEdges: true, IsApart: true),
        new("REV", "a revoked block is frozen, kept aside, and free when an admin confirms", LeaseOrders.RevokeAsync, NeedsEdges: true),
        new("PART", "an edge that is cut off serves on, and both sides agree after", LeaseFaults.PartitionAsync, Disturbs: true, NeedsEdges: true, IsApart: true),
        new("STALE", "an edge revoked while it was cut off learns it and never gets the block back", LeaseFaults.StaleReturnAsync, Disturbs: true, NeedsEdges: true, IsApart: true),
        new("CRSH", "an agent killed again and again while it acquires ends with one lease a claim", LeaseFaults.KilledAgentAsync, Disturbs: true, NeedsEdges: true),
        new("TOMB", "a claim deleted while the hub is away goes, and its lease is given back after", LeaseFaults.TombstoneAsync, Disturbs: true, NeedsEdges: true, IsApart: true),
        new("RESTORE", "a hub restored from an old backup lends nothing until all leases are known again", LeaseRestore.RestoreAsync, Disturbs: true, NeedsEdges: true),
        new("TWIN", "a second site of the same name is fenced, and says so", LeaseFaults.TwinAsync, Disturbs: true, NeedsEdges: true),
    ];

    /// <summary>What can go wrong around an agent's API: objects written past every rule, servers and rights that go and come.</summary>
    static readonly IReadOnlyList<E2ECase> ClusterCases =
    [
        new("QUAR", "hand-made allocations are set aside, and nothing is handed out on top", Intruders.QuarantinedAsync, NeedsEdges: true),
        new("EDIT", "an edited status of a claim is put right", Intruders.EditedStatusAsync, NeedsEdges: true),
        new("FORE", "a block stays taken while somebody else's finalizer holds it", Intruders.ForeignFinalizerAsync, NeedsEdges: true),
        new("HOOK", "a pool in use is held while no webhook answers", ClusterFaults.WebhookAwayAsync, Disturbs: true, NeedsCluster: true),
        new("KGONE", "an API server killed and started again finds the agent as it was", ClusterFaults.ApiServerAwayAsync, Disturbs: true, NeedsCluster: true),
        new("KFLT", "an API server that throttles, fails, breaks off, is slow or forgets", ApiFaults.PlayedAsync, Disturbs: true, NeedsCluster: true),
        new("KCMP", "etcd compacted and the watch cache lost while the agent is cut off", ApiFaults.CompactedAsync, Disturbs: true, NeedsCluster: true),
        new("KTOK", "an agent whose token ended works on with the next", ApiFaults.TokenExpiredAsync, Disturbs: true, NeedsCluster: true),
        new("KRBAC", "rights withdrawn and restored: what was bound stays, what waited is bound", ClusterFaults.RightsWithdrawnAsync, Disturbs: true, NeedsCluster: true),
        new("LEAD", "of two agents one works; killed, the other goes on", ClusterFaults.LeaderKilledAsync, Disturbs: true, NeedsCluster: true),
        new("BOTH", "two agents that both believe to lead allocate nothing twice", ClusterFaults.TwoLeadersAsync, Disturbs: true, NeedsCluster: true),
    ];

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<E2ECase>> Suites = new Dictionary<string, IReadOnlyList<E2ECase>>(StringComparer.Ordinal)
    {
        [Core] = CoreCases,
        [Leases] = LeaseCases,
        [Kubectl] = [.. KubectlVerbs.Cases, .. KubectlApply.Cases],
        [Cluster] = ClusterCases,
        [Status] = StatusStories.Cases,
    };
}
