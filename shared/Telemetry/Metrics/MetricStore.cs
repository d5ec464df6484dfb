using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Federation.Telemetry;

/// <summary>
/// Adds up what one process measures, from its start, for whoever comes and reads. It hears the meters of its own meter
/// factory and the runtime's, and no others: several processes' worth can live side by side.
/// </summary>
public sealed class MetricStore : IDisposable
{
    /// <summary>Combinations of labels one metric may have; everything beyond is counted as one.</summary>
    public const int SeriesMax = 5_000;

    /// <summary>What the runtime says of itself.</summary>
    public const string RuntimeMeter = "System.Runtime";

    readonly IMeterFactory meters;
    readonly ConcurrentDictionary<string, Metric> metrics = new(StringComparer.Ordinal);
    readonly MeterListener listener = new();
    readonly Lock collecting = new();

    public MetricStore(IMeterFactory meters)
    {
        this.meters = meters;
        listener.InstrumentPublished = Follow;
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, metric) => ((Metric)metric!).Take(value, tags));
        listener.SetMeasurementEventCallback<int>(static (_, value, tags, metric) => ((Metric)metric!).Take(value, tags));
        listener.SetMeasurementEventCallback<double>(static (_, value, tags, metric) => ((Metric)metric!).Take(value, tags));
        listener.Start();
    }

    /// <summary>Every metric as it stands, by name.</summary>
    internal IReadOnlyList<Metric> Collect()
    {
        lock (collecting)
        {
            foreach (var metric in metrics.Values) metric.BeginReading();
            listener.RecordObservableInstruments();
            return [.. metrics.Values.OrderBy(static metric => metric.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => listener.Dispose();

    void Follow(Instrument instrument, MeterListener listener)
    {
        var isOurs = ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Meter.Name.StartsWith("Federation.", StringComparison.Ordinal);
        if (!isOurs && instrument.Meter.Name != RuntimeMeter) return;
        listener.EnableMeasurementEvents(instrument, metrics.GetOrAdd(instrument.Name, static (_, made) => new Metric(made), instrument));
    }
}

/// <summary>One metric with all its series.</summary>
sealed class Metric
{
    /// <summary>For histograms that name no limits of their own.</summary>
    static readonly double[] LimitsDefault = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    readonly ConcurrentDictionary<LabelSet, MetricSeries> series = new(LabelSet.Comparer);
    readonly ConcurrentDictionary<LabelSet, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> known;
    readonly IReadOnlyList<double> limits;
    readonly bool isObserved;

    public Metric(Instrument instrument)
    {
        (Name, Unit, Meaning) = (instrument.Name, instrument.Unit ?? "", instrument.Description ?? "");
        (Kind, isObserved) = (KindOf(instrument), instrument.IsObservable);
        limits = (instrument as Instrument<double>)?.Advice?.HistogramBucketBoundaries ?? LimitsDefault;
        known = series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public string Unit { get; }

    public string Meaning { get; }

    public MetricKind Kind { get; }

    public IEnumerable<MetricSeries> Series => series.Values;

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (!known.TryGetValue(labels, out var found)) found = Enter(labels);
        found.Take(value);
    }

    /// <summary>What is observed is told whole each time; what is not told again has gone.</summary>
    public void BeginReading()
    {
        if (isObserved) series.Clear();
    }

    MetricSeries Enter(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var set = series.Count < MetricStore.SeriesMax ? LabelSet.Comparer.Create(labels) : LabelSet.Overflow;
        return series.GetOrAdd(set, Make);
    }

    MetricSeries Make(LabelSet labels) => Kind is MetricKind.Histogram ? new BucketSeries(labels, limits) : new ValueSeries(labels, adds: !isObserved && Kind is MetricKind.Counter);

    static MetricKind KindOf(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        if (type == typeof(Counter<>) || type == typeof(ObservableCounter<>)) return MetricKind.Counter;
        return type == typeof(Histogram<>) ? MetricKind.Histogram : MetricKind.Gauge;
    }
}
