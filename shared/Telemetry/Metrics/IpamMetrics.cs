using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Globalization;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Telemetry;

/// <summary>What hub and edge measure alike: what claims were answered, and what pools hold.</summary>
public sealed class IpamMetrics
{
    public const string MeterName = "Federation.Ipam";

    /// <summary>Pools with series of their own; the others are added up as <see cref="PoolNames.Other"/>.</summary>
    public const int PoolsMax = 500;

    static readonly MetricSpec Attempts = new("federation.allocation.attempts", MetricKind.Counter, "{attempt}", "Answers to claims that were written down: when a claim is filed, and whenever its answer changes.", "outcome", "reason") { Alert = "rate of outcome=refused above 0 for 10 min" };
    static readonly MetricSpec Durations = MetricSpec.Duration("federation.allocation.duration", "From a claim's arrival in this process until its answer was durable.", "outcome") with { Alert = "p99 above 0.5 s for 10 min" };
    static readonly MetricSpec Capacity = new("federation.pool.capacity", MetricKind.Gauge, "{address}", "Addresses of a pool.", "pool", "state") { Alert = "state=available below what a day takes" };
    static readonly MetricSpec Utilization = new("federation.pool.utilization", MetricKind.Gauge, "1", "Share of a pool that is allocated or lent, 0 to 1.", "pool") { Alert = "above 0.9" };
    static readonly MetricSpec Pools = new("federation.pool.count", MetricKind.Gauge, "{pool}", "Pools by phase.", "phase") { Alert = "phase=Error above 0 for 10 min" };
    static readonly MetricSpec Build = new("federation.build.info", MetricKind.Gauge, "{process}", "1, for the version that runs.", "service", "version");

    public static readonly IReadOnlyList<MetricSpec> All = [Attempts, Durations, Capacity, Utilization, Pools, Build];

    /// <summary>A status can be written by anybody who may; a label cannot.</summary>
    static readonly FrozenSet<string> Known = typeof(Reasons).GetFields().Select(static field => (string)field.GetRawConstantValue()!).ToFrozenSet(StringComparer.Ordinal);

    readonly Meter meter;
    readonly Counter<long> attempts;
    readonly Histogram<double> durations;

    public IpamMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        attempts = meter.Counter(Attempts);
        durations = meter.Histogram(Durations);
    }

    /// <summary>The pools that have labels of their own.</summary>
    public PoolNames Names { get; } = new(PoolsMax);

    /// <summary>From here on tells of this process and its pools, which are read whenever somebody looks.</summary>
    public void Observe(string service, string version, Func<IEnumerable<IPPool>> pools)
    {
        meter.Gauge(Capacity, () => CapacityOf(pools()));
        meter.Gauge(Utilization, () => UtilizationOf(pools()));
        meter.Gauge(Pools, () => PhasesOf(pools()));
        meter.Gauge(Build, () => [new(1, new("service", service), new("version", version))]);
    }

    /// <summary>A claim has an answer.</summary>
    /// <param name="took">Since it arrived; null when it had been answered before.</param>
    public void Answered(Condition allocated, TimeSpan? took)
    {
        var outcome = OutcomeOf(allocated.Status);
        attempts.Add(1, new("outcome", outcome), new("reason", Known.Contains(allocated.Reason) ? allocated.Reason : "Other"));
        if (took is { } time) durations.Record(time.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
    }

    static string OutcomeOf(ConditionStatus allocated) => allocated switch
    {
        ConditionStatus.True => "granted",
        ConditionStatus.False => "refused",
        _ => "waiting",
    };

    List<Measurement<double>> CapacityOf(IEnumerable<IPPool> pools)
    {
        var sums = new Dictionary<(string Pool, string State), double>();
        var existing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pool in pools)
        {
            existing.Add(pool.Name);
            if (pool.Status?.Capacity is not { } capacity) continue;
            var name = Names.Of(pool.Name);
            Add(name, "total", capacity.Total);
            Add(name, "allocated", capacity.Allocated);
            Add(name, "leased", capacity.Leased);
            Add(name, "available", capacity.Available);
        }

        Names.Keep(existing);
        return [.. sums.Select(static sum => new Measurement<double>(sum.Value, new("pool", sum.Key.Pool), new("state", sum.Key.State)))];

        void Add(string pool, string state, string? count)
        {
            if (double.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var addresses)) sums[(pool, state)] = sums.GetValueOrDefault((pool, state)) + addresses;
        }
    }

    /// <summary>Of pools that share a label, the fullest counts.</summary>
    IEnumerable<Measurement<double>> UtilizationOf(IEnumerable<IPPool> pools) => pools
        .Where(static pool => pool.Status?.UtilizationPercent is not null)
        .GroupBy(pool => Names.Of(pool.Name), static pool => pool.Status!.UtilizationPercent!.Value / 100)
        .Select(static group => new Measurement<double>(group.Max(), new KeyValuePair<string, object?>("pool", group.Key)));

    static IEnumerable<Measurement<double>> PhasesOf(IEnumerable<IPPool> pools)
    {
        var counts = pools.CountBy(static pool => pool.Status?.Phase ?? PoolPhase.Pending).ToDictionary();
        return Enum.GetValues<PoolPhase>().Where(static phase => phase is not PoolPhase.Unspecified)
            .Select(phase => new Measurement<double>(counts.GetValueOrDefault(phase), new KeyValuePair<string, object?>("phase", phase.ToString())));
    }
}
