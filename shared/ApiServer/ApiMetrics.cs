using System.Diagnostics.Metrics;
using System.Globalization;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.ApiServer;

/// <summary>What the API server and its store measure.</summary>
public sealed class ApiMetrics
{
    public const string MeterName = "Federation.ApiServer";

    static readonly MetricSpec Requests = MetricSpec.Duration("federation.api.request.duration", "From a request's arrival until its answer was written; watches are not in it.", "verb", "resource", "code") with { Alert = "rate of code=5.. above 0 for 5 min; p99 above 1 s" };
    static readonly MetricSpec Watches = new("federation.api.watch.count", MetricKind.Gauge, "{watch}", "Watches that are open.", "resource");
    static readonly MetricSpec Lag = new("federation.api.watch.lag", MetricKind.Gauge, "{change}", "Changes by which the slowest open watch lies behind.", "resource") { Alert = "above 65536: half of what the change log holds" };
    static readonly MetricSpec Expired = new("federation.api.watch.expired", MetricKind.Counter, "{watch}", "Watches that were cut off because they lay further behind than the change log reaches.", "resource") { Alert = "rate above 0 for 10 min" };
    static readonly MetricSpec Queue = new("federation.store.queue.depth", MetricKind.Gauge, "{write}", "Writes that wait for the writer.") { Alert = "above 4096 for 1 min: half of what it holds" };
    static readonly MetricSpec Refused = new("federation.store.queue.refused", MetricKind.Counter, "{write}", "Writes refused because too many were waiting.") { Alert = "rate above 0" };
    static readonly MetricSpec Writes = MetricSpec.Duration("federation.store.write.duration", "From a write's entry into the queue until it was durable, or refused.") with { Alert = "p99 above 0.5 s for 10 min" };
    static readonly MetricSpec Commits = MetricSpec.Duration("federation.store.commit.duration", "One commit of the storage.") with { Alert = "p99 above 0.2 s for 10 min: the disk" };
    static readonly MetricSpec CommitSize = new("federation.store.commit.size", MetricKind.Histogram, "{write}", "Writes in one commit.") { Buckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] };
    static readonly MetricSpec CommitErrors = new("federation.store.commit.errors", MetricKind.Counter, "{commit}", "Commits of unknown outcome; the process stops after the first.") { Alert = "above 0" };
    static readonly MetricSpec Objects = new("federation.store.objects", MetricKind.Gauge, "{object}", "Objects there are.", "resource");

    public static readonly IReadOnlyList<MetricSpec> All = [Requests, Watches, Lag, Expired, Queue, Refused, Writes, Commits, CommitSize, CommitErrors, Objects];

    /// <summary>The texts of all status codes: none is made for a request.</summary>
    static readonly string[] Codes = [.. Enumerable.Range(0, 600).Select(static code => code.ToString(CultureInfo.InvariantCulture))];

    readonly Meter meter;
    readonly Histogram<double> requests;
    readonly Counter<long> expired;
    readonly Counter<long> refused;
    readonly Histogram<double> writes;
    readonly Histogram<double> commits;
    readonly Histogram<double> commitSize;
    readonly Counter<long> commitErrors;

    public ApiMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        requests = meter.Histogram(Requests);
        expired = meter.Counter(Expired);
        refused = meter.Counter(Refused);
        writes = meter.Histogram(Writes);
        commits = meter.Histogram(Commits);
        commitSize = meter.Histogram(CommitSize);
        commitErrors = meter.Counter(CommitErrors);
        refused.Add(0);
        commitErrors.Add(0);
    }

    /// <summary>The watches that are open.</summary>
    internal OpenWatches OpenWatches { get; } = new();

    /// <summary>From here on tells of this store.</summary>
    internal void Observe(ObjectStore store)
    {
        meter.Gauge(Queue, () => store.Waiting);
        meter.Gauge(Objects, () => KindInfo.Served.Select(kind => Of(store.Current.Count(kind), kind.Plural)));
        meter.Gauge(Watches, () => KindInfo.Served.Select(kind => Of(OpenWatches.Count(kind.Plural), kind.Plural)));
        meter.Gauge(Lag, () => KindInfo.Served.Select(kind => Of(OpenWatches.Lag(kind.Plural, store.Changes.Last), kind.Plural)));
    }

    /// <param name="verb">As Kubernetes names it: get, list, create, update, patch, delete, deletecollection.</param>
    /// <param name="resource">A kind's plural; empty for what belongs to none.</param>
    internal void Answered(string verb, string resource, int code, TimeSpan took) =>
        requests.Record(took.TotalSeconds, new("verb", verb), new("resource", resource), new("code", Codes[code is > 0 and < 600 ? code : 0]));

    internal void WatchExpired(string resource) => expired.Add(1, new KeyValuePair<string, object?>("resource", resource));

    internal void QueueFull() => refused.Add(1);

    internal void Written(TimeSpan took) => writes.Record(took.TotalSeconds);

    internal void Committed(int size, TimeSpan took)
    {
        commitSize.Record(size);
        commits.Record(took.TotalSeconds);
    }

    internal void CommitFailed() => commitErrors.Add(1);

    static Measurement<double> Of(double value, string resource) => new(value, new KeyValuePair<string, object?>("resource", resource));
}
