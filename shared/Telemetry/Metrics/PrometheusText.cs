using System.Globalization;
using System.Text;

namespace Federation.Telemetry;

/// <summary>
/// Metrics in Prometheus' text format 0.0.4, by OpenTelemetry's rules for it: dots become underscores, the unit ends the
/// name, and a counter's name ends in <c>_total</c>.
/// </summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(MetricStore store)
    {
        var text = new StringBuilder();
        foreach (var metric in store.Collect()) Write(text, metric);
        return text.ToString();
    }

    /// <summary>The name a metric has there.</summary>
    public static string NameOf(string name, string unit, MetricKind kind)
    {
        var stem = name.Replace('.', '_').Replace('-', '_');
        if (UnitOf(unit, kind) is { } ending && !stem.EndsWith(ending, StringComparison.Ordinal)) stem = $"{stem}_{ending}";
        return kind is MetricKind.Counter && !stem.EndsWith("_total", StringComparison.Ordinal) ? $"{stem}_total" : stem;
    }

    /// <summary>What is counted, in braces, is no unit.</summary>
    static string? UnitOf(string unit, MetricKind kind) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" when kind is MetricKind.Gauge => "ratio",
        _ => null,
    };

    static void Write(StringBuilder text, Metric metric)
    {
        var name = NameOf(metric.Name, metric.Unit, metric.Kind);
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(metric.Meaning, quotes: false)}\n# TYPE {name} {TypeOf(metric.Kind)}\n");
        foreach (var (labels, series) in metric.Series.Select(static series => (Labels: Join(series.Labels), Series: series)).OrderBy(static pair => pair.Labels, StringComparer.Ordinal))
        {
            if (series is BucketSeries buckets) WriteBuckets(text, name, labels, buckets);
            else Line(text, name, labels, ((ValueSeries)series).Value);
        }
    }

    static void WriteBuckets(StringBuilder text, string name, string labels, BucketSeries series)
    {
        var (counts, sum) = series.Read();
        var below = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            below += counts[i];
            var limit = i < series.Limits.Count ? Number(series.Limits[i]) : "+Inf";
            Line(text, $"{name}_bucket", labels.Length == 0 ? $"le=\"{limit}\"" : $"{labels},le=\"{limit}\"", below);
        }

        Line(text, $"{name}_sum", labels, sum);
        Line(text, $"{name}_count", labels, below);
    }

    static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    static string Join(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(',', labels.Select(static label => $"{label.Key.Replace('.', '_')}=\"{Escape(label.Value, quotes: true)}\""));

    static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
