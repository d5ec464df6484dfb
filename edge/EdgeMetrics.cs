using System.Diagnostics.Metrics;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.Edge;

/// <summary>What the agent measures besides its calls, and the API and store where they are its own.</summary>
sealed class EdgeMetrics
{
    public const string MeterName = "Federation.Edge";

    /// <summary>Claims whose arrival is remembered; beyond, their answers are counted and not timed.</summary>
    const int ArrivalsMax = 100_000;

    static readonly MetricSpec Reconciles = MetricSpec.Duration("federation.reconcile.duration", "One look at an object, with all calls and writes.", "kind", "outcome") with { Alert = "p99 above 5 s for 10 min" };
    static readonly MetricSpec Errors = new("federation.reconcile.errors", MetricKind.Counter, "{error}", "Looks that did not end well and are repeated.", "kind", "error") { Alert = "rate above 1 per second for 10 min" };
    static readonly MetricSpec Depth = new("federation.queue.depth", MetricKind.Gauge, "{key}", "Objects that wait to be looked at.", "queue") { Alert = "above 1000 for 10 min" };
    static readonly MetricSpec Delayed = new("federation.queue.delayed", MetricKind.Gauge, "{key}", "Objects that wait for their time to be looked at again.", "queue");
    static readonly MetricSpec Claims = new("federation.claim.count", MetricKind.Gauge, "{claim}", "Claims by phase.", "phase") { Alert = "phase=Error above 0 for 30 min" };
    static readonly MetricSpec PoolClaims = new("federation.pool_claim.count", MetricKind.Gauge, "{claim}", "Pool claims by phase.", "phase") { Alert = "phase=Error or Pending above 0 for 30 min" };
    static readonly MetricSpec Connected = new("federation.hub.connected", MetricKind.Gauge, "{hub}", "1 while the hub answers, else 0.") { Alert = "0 for 10 min; local claims go on" };
    static readonly MetricSpec Losses = new("federation.hub.losses", MetricKind.Counter, "{loss}", "Times the session with the hub could not be begun or broke.", "reason");

    public static readonly IReadOnlyList<MetricSpec> All = [Reconciles, Errors, Depth, Delayed, Claims, PoolClaims, Connected, Losses];

    readonly IpamMetrics ipam;
    readonly Meter meter;
    readonly Histogram<double> reconciles;
    readonly Counter<long> errors;
    readonly Counter<long> losses;
    AgentState? observed;
    readonly Dictionary<string, long> arrivals = new(StringComparer.Ordinal);

    public EdgeMetrics(IMeterFactory meters, IpamMetrics ipam, AgentStanding standing)
    {
        (this.ipam, Standing) = (ipam, standing);
        meter = meters.Create(MeterName);
        reconciles = meter.Histogram(Reconciles);
        errors = meter.Counter(Errors);
        losses = meter.Counter(Losses);
    }

    public AgentStanding Standing { get; }

    /// <summary>From here on tells of this agent. Whose turn comes again begins anew: what is measured is always the last.</summary>
    public void Observe(AgentState state)
    {
        var isFirst = observed is null;
        observed = state;
        Standing.Begin(state);
        state.Claims.OnChange((before, after) => Note(state, before, after));
        if (isFirst) Measure();
    }

    void Measure()
    {
        ipam.Observe("federation-edge", EdgeOptions.Version, () => observed!.Pools.Items);
        meter.Gauge(Depth, () => [Of("queue", "local", observed!.Local.Count), Of("queue", "remote", observed.Remote.Count)]);
        meter.Gauge(Delayed, () => [Of("queue", "local", observed!.Local.DelayedCount), Of("queue", "remote", observed.Remote.DelayedCount)]);
        meter.Gauge(Claims, () => ByPhase(observed!.Claims.Items.Select(static claim => claim.Status?.Phase ?? ClaimPhase.Pending)));
        meter.Gauge(PoolClaims, () => ByPhase(observed!.PoolClaims.Items.Select(static claim => claim.Status?.Phase ?? ClaimPhase.Pending)));
        meter.Gauge(Connected, () => Standing.HubTrouble is null ? 1 : 0);
    }

    /// <param name="failure">Null when the look ended well.</param>
    public void Looked(string kind, TimeSpan took, Exception? failure)
    {
        reconciles.Record(took.TotalSeconds, new("kind", kind), new("outcome", failure is null ? "done" : "again"));
        if (failure is not null) errors.Add(1, new("kind", kind), new("error", NameOf(failure)));
    }

    public void HubLost(string reason) => losses.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A claim's answer has been written. It is timed when it is the first, and when the claim gets its block.</summary>
    public void Answered(AgentState state, IPClaim before, IPClaim written)
    {
        var (was, now) = (Answer(before), Answer(written));
        if (now is null || (was is not null && was.Status == now.Status && was.Reason == now.Reason)) return;
        var isTimed = (was is null || now.Status is ConditionStatus.True) && arrivals.TryGetValue(written.Uid, out _);
        ipam.Answered(now, isTimed ? state.Time.GetElapsedTime(arrivals[written.Uid]) : null);
        if (now.Status is ConditionStatus.True) arrivals.Remove(written.Uid);
    }

    void Note(AgentState state, IPClaim? before, IPClaim? after)
    {
        if (after is null) arrivals.Remove(before!.Uid);
        else if (before is null && !after.IsBound() && arrivals.Count < ArrivalsMax) arrivals.TryAdd(after.Uid, state.Time.GetTimestamp());
    }

    static Condition? Answer(IPClaim claim) => claim.Status?.Conditions?.Find(ConditionTypes.Allocated);

    static string NameOf(Exception failure) => failure switch
    {
        KubernetesApiException { IsConflict: true } => "conflict",
        KubernetesApiException => "refused",
        HubDelayException => "hub",
        _ => "unreachable",
    };

    static IEnumerable<Measurement<double>> ByPhase(IEnumerable<ClaimPhase> phases)
    {
        var counts = phases.CountBy(static phase => phase).ToDictionary();
        return Enum.GetValues<ClaimPhase>().Where(static phase => phase is not ClaimPhase.Unspecified).Select(phase => Of("phase", phase.ToString(), counts.GetValueOrDefault(phase)));
    }

    static Measurement<double> Of(string label, string value, double measured) => new(measured, new KeyValuePair<string, object?>(label, value));
}
