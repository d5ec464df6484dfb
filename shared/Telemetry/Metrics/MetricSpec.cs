using System.Diagnostics.Metrics;

namespace Federation.Telemetry;

/// <summary>How a metric behaves over time.</summary>
public enum MetricKind { Unspecified = 0, Counter, Gauge, Histogram }

/// <summary>
/// A metric as it is declared, once: its name and unit by OpenTelemetry's rules, what it means, and the names of its
/// labels. The reference page of the metrics is compared with these.
/// </summary>
/// <param name="Unit">A UCUM code: <c>s</c>, <c>By</c>, <c>1</c>, or what is counted in braces.</param>
public sealed record MetricSpec(string Name, MetricKind Kind, string Unit, string Meaning, params IReadOnlyList<string> Labels)
{
    /// <summary>Upper limits of a histogram's buckets, rising.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [];

    /// <summary>When somebody should look; empty where a number is only for graphs.</summary>
    public string Alert { get; init; } = "";

    /// <summary>A histogram of durations in seconds, from a tenth of a millisecond to ten seconds.</summary>
    public static MetricSpec Duration(string name, string meaning, params IReadOnlyList<string> labels) => new(name, MetricKind.Histogram, "s", meaning, labels)
    {
        Buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };
}

/// <summary>Instruments made from what is declared.</summary>
public static class MeterInstruments
{
    extension(Meter meter)
    {
        public Counter<long> Counter(MetricSpec spec) => meter.CreateCounter<long>(spec.Name, spec.Unit, spec.Meaning);

        public Histogram<double> Histogram(MetricSpec spec) =>
            meter.CreateHistogram(spec.Name, spec.Unit, spec.Meaning, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = spec.Buckets });

        /// <summary>A gauge that is read when somebody looks, from any thread.</summary>
        public void Gauge(MetricSpec spec, Func<double> read) => meter.CreateObservableGauge(spec.Name, read, spec.Unit, spec.Meaning);

        /// <summary>A gauge with labels; a combination that is not read any more is gone.</summary>
        public void Gauge(MetricSpec spec, Func<IEnumerable<Measurement<double>>> read) => meter.CreateObservableGauge(spec.Name, read, spec.Unit, spec.Meaning);
    }
}
