using System.Diagnostics.Metrics;
using System.Globalization;
using Federation.Telemetry;

namespace Federation.Kubernetes;

/// <summary>What a client of a Kubernetes API measures.</summary>
public sealed class KubernetesMetrics
{
    public const string MeterName = "Federation.Kubernetes";

    /// <summary>For a request that got no answer.</summary>
    const string None = "none";

    static readonly MetricSpec Requests = MetricSpec.Duration("federation.kubernetes.request.duration", "A request to the Kubernetes API, until its answer began.", "method", "code") with { Alert = "rate of code=none or 5.. above 0 for 10 min" };

    public static readonly IReadOnlyList<MetricSpec> All = [Requests];

    readonly Histogram<double> requests;

    public KubernetesMetrics(IMeterFactory meters) => requests = meters.Create(MeterName).Histogram(Requests);

    /// <param name="code">HTTP status; null when there was no answer.</param>
    internal void Answered(HttpMethod method, int? code, TimeSpan took) =>
        requests.Record(took.TotalSeconds, new("method", method.Method), new("code", code?.ToString(CultureInfo.InvariantCulture) ?? None));
}
