using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Domain.Inventory;
using Federation.Domain.Leases;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.Hub;

/// <summary>What the hub measures besides its API, its store and its calls.</summary>
sealed class HubMetrics
{
    public const string MeterName = "Federation.Hub";

    const string EdgeWatch = "edges";

    static readonly MetricSpec Leases = new("federation.lease.count", MetricKind.Gauge, "{lease}", "Leases by state.", "state");
    static readonly MetricSpec Reaps = new("federation.lease.reap", MetricKind.Counter, "{lease}", "Leases the reaper tried to take back.", "pool", "state", "outcome") { Alert = "rate of outcome=release_err or delete_err above 0 for 10 min" };
    static readonly MetricSpec Stuck = new("federation.lease.stuck", MetricKind.Gauge, "{lease}", "Leases in use of edges that are silent; they are never taken back by age.", "pool") { Alert = "above 0 for 30 min" };
    static readonly MetricSpec Edges = new("federation.edge.count", MetricKind.Gauge, "{edge}", "Edges by phase.", "phase") { Alert = "phase=Silent above 0" };
    static readonly MetricSpec EdgeWatches = new("federation.edge.watch.count", MetricKind.Gauge, "{watch}", "Edges that listen.");
    static readonly MetricSpec EdgeLag = new("federation.edge.watch.lag", MetricKind.Gauge, "{change}", "Changes by which the slowest edge lies behind.") { Alert = "above 65536" };
    static readonly MetricSpec Waiting = new("federation.claim.waiting", MetricKind.Gauge, "{object}", "Claims, pool claims and child pools that have no block yet.") { Alert = "above 0 for 30 min" };
    static readonly MetricSpec Rounds = MetricSpec.Duration("federation.upkeep.duration", "One round of the upkeep, with its commit: waiting objects answered, pools reported.") with { Alert = "p99 above 1 s for 10 min" };

    static readonly MetricSpec Refusals = new("federation.edge.refusal", MetricKind.Counter, "{refusal}", "What edges asked or said and the hub did not accept.", "reason");
    static readonly MetricSpec Findings = new("federation.audit.finding", MetricKind.Counter, "{finding}", "What the auditor found not to go together; told again at every look until it does.", "reason");
    static readonly MetricSpec Inconsistent = new("federation.audit.inconsistent", MetricKind.Gauge, "{object}", "Edges and pools of which the auditor says that something does not go together.", "reason");

    static readonly MetricSpec Absent = new("federation.lease.absent", MetricKind.Gauge, "{lease}", "Leases in use that their edges, in full reports, do not name; looked for where an operator asks.");

    public static readonly IReadOnlyList<MetricSpec> All = [Absent, Refusals, Findings, Inconsistent, Leases, Reaps, Stuck, Edges, EdgeWatches, EdgeLag, Waiting, Rounds];

    readonly ObjectStore store;
    readonly IpamMetrics ipam;
    readonly Meter meter;
    readonly OpenWatches watches = new();
    readonly Counter<long> reaps;
    readonly Counter<long> refusals;
    readonly Counter<long> findings;
    readonly Histogram<double> rounds;
    volatile ImmutableSortedDictionary<string, int> stuck = ImmutableSortedDictionary<string, int>.Empty;
    volatile int waiting;
    volatile int absent;

    public HubMetrics(IMeterFactory meters, ObjectStore store, IpamMetrics ipam)
    {
        (this.store, this.ipam) = (store, ipam);
        meter = meters.Create(MeterName);
        reaps = meter.Counter(Reaps);
        refusals = meter.Counter(Refusals);
        findings = meter.Counter(Findings);
        rounds = meter.Histogram(Rounds);
    }

    /// <summary>From here on tells of the store and what is committed to it. Once.</summary>
    public void Observe()
    {
        ipam.Observe("federation-hub", HubOptions.Version, () => store.Current.All<IPPool>());
        store.Committed += Count;
        meter.Gauge(Leases, () => ByPhase("state", store.Current.All<IPLease>().Select(static lease => lease.Status?.Phase ?? LeasePhase.Offered)));
        meter.Gauge(Edges, () => ByPhase("phase", store.Current.All<Edge>().Select(static edge => edge.Status?.Phase ?? EdgePhase.Pending)));
        meter.Gauge(Stuck, () => stuck.GroupBy(pool => ipam.Names.Of(pool.Key), static pool => pool.Value)
            .Select(static group => new Measurement<double>(group.Sum(), new KeyValuePair<string, object?>("pool", group.Key))));
        meter.Gauge(Absent, () => absent);
        meter.Gauge(Inconsistent, Inconsistencies);
        meter.Gauge(EdgeWatches, () => watches.Count(EdgeWatch));
        meter.Gauge(EdgeLag, () => watches.Lag(EdgeWatch, store.Changes.Last));
        meter.Gauge(Waiting, () => waiting);
    }

    public OpenWatches.Place EdgeListens(long revision) => watches.Open(EdgeWatch, revision);

    /// <summary>The reaper has seen every pool there is, and this many stuck leases of each.</summary>
    public void Seen(ImmutableSortedDictionary<string, int> stuckByPool) => stuck = stuckByPool;

    /// <summary>So many leases their edges do not name.</summary>
    public void SeenAbsent(int count) => absent = count;

    /// <summary>An edge was refused, or what it said was ignored.</summary>
    /// <param name="reason">As on the wire, without its prefix.</param>
    public void Refused(string reason) => refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Found(Inconsistency found) => findings.Add(found.Count, new KeyValuePair<string, object?>("reason", found.Reason));

    public void Reaped(Lease lease, string outcome) =>
        reaps.Add(1, new("pool", ipam.Names.Of(lease.Pool)), new("state", lease.Phase.ToString()), new("outcome", outcome));

    public void KeptUp(TimeSpan took, int stillWaiting)
    {
        rounds.Record(took.TotalSeconds);
        waiting = stillWaiting;
    }

    /// <summary>Counts what a claim was answered, once it is durable.</summary>
    void Count(Change change, TimeSpan took)
    {
        if (change.After?.Resource is not IPClaim claim || Answer(claim) is not { } answer) return;
        var before = change.Before?.Resource as IPClaim;
        if (before is not null && Answer(before) is { } earlier && earlier.Reason == answer.Reason && earlier.Status == answer.Status) return;
        ipam.Answered(answer, before is null ? took : null);
    }

    IEnumerable<Measurement<double>> Inconsistencies()
    {
        var counts = store.Current.All<Edge>().Select(static edge => edge.Status?.Conditions).Concat(store.Current.All<IPPool>().Select(static pool => pool.Status?.Conditions))
            .Select(static conditions => conditions?.Find(ConditionTypes.Consistent)).OfType<Condition>().Where(static condition => condition.Status is ConditionStatus.False)
            .CountBy(static condition => condition.Reason).ToDictionary();
        string[] reasons = [Reasons.OverlapFound, Reasons.OutsideBlock, Reasons.UnknownClaim, Reasons.CapacityMismatch];
        return reasons.Select(reason => new Measurement<double>(counts.GetValueOrDefault(reason), new KeyValuePair<string, object?>("reason", reason)));
    }

    static Condition? Answer(IPClaim claim) => claim.Status?.Conditions?.Find(ConditionTypes.Allocated);

    static IEnumerable<Measurement<double>> ByPhase<TPhase>(string label, IEnumerable<TPhase> phases) where TPhase : struct, Enum
    {
        var counts = phases.CountBy(static phase => phase).ToDictionary();
        return Enum.GetValues<TPhase>().Where(static phase => !phase.Equals(default(TPhase)))
            .Select(phase => new Measurement<double>(counts.GetValueOrDefault(phase), new KeyValuePair<string, object?>(label, phase.ToString())));
    }
}
