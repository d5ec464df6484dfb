using System.Text;
using Federation.ApiServer;
using Federation.Edge;
using Federation.Hub;
using Federation.Kubernetes;
using Federation.Rpc;
using Federation.Telemetry;
using Federation.Tests.House;
using Federation.Tests.Hub;
using Federation.Tests.Telemetry;

namespace Federation.Tests.Docs;

/// <summary>The reference of metrics says what is declared, and what is declared is what is exported. With FEDERATION_WRITE_DOCS set it is written anew.</summary>
public sealed class MetricReferenceTests
{
    const string Document = "docs/reference/metrics.md";

    static readonly (string Title, string Where, IReadOnlyList<MetricSpec> Metrics)[] Parts =
    [
        ("Claims and pools", "Hub and edge.", IpamMetrics.All),
        ("API and store", "Hub, and edge with `--embedded`.", ApiMetrics.All),
        ("Calls between edge and hub", "`server`: hub. `client`: edge.", RpcMetrics.All),
        ("Requests to the Kubernetes API", "Edge.", KubernetesMetrics.All),
        ("Hub", "Hub.", HubMetrics.All),
        ("Edge", "Edge.", EdgeMetrics.All),
    ];

    [Fact]
    public void The_reference_is_what_is_declared()
    {
        var wanted = Written();
        if (Environment.GetEnvironmentVariable("FEDERATION_WRITE_DOCS") is not null) File.WriteAllText(Path.Combine(Repository.Root, Document), wanted);

        Assert.Equal(wanted, Repository.Read(Document));
    }

    [Fact]
    public async Task Hub_and_edge_export_what_is_declared_with_its_labels_and_nothing_else()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/16");
        await using var edge = await MeasuredEdge.StartAsync(hub.Get<HubOptions>().GrpcUrl);
        await edge.BindAsync("a", """{"poolRef":{"name":"p"},"prefixLength":28}""");
        var pages = new[] { await hub.MetricsAsync(static _ => true), await edge.MetricsAsync(static page => page.Sum("federation_allocation_attempts_total") > 0) };

        var declared = Parts.SelectMany(static part => part.Metrics).ToDictionary(NameOf);
        Assert.Equal(declared.Keys.Order(), pages.SelectMany(static page => page.Types.Keys).Where(IsOurs).Distinct().Order());
        Assert.All(pages.SelectMany(static page => page.Types).Where(static type => IsOurs(type.Key)), type => Assert.Equal(TypeOf(declared[type.Key].Kind), type.Value));
        Assert.All(pages.SelectMany(static page => page.Samples).Where(static sample => IsOurs(sample.Metric)), sample =>
            Assert.Equal(declared[sample.Metric].Labels.Order(), sample.Labels.Keys.Where(static label => label is not "le").Order()));
    }

    [Fact]
    public void Names_and_units_follow_the_rules()
    {
        var all = Parts.SelectMany(static part => part.Metrics).ToList();

        Assert.Equal(all.Count, all.Select(NameOf).Distinct().Count());
        Assert.All(all, static spec =>
        {
            Assert.Matches(@"^federation(\.[a-z_]+)+$", spec.Name);
            Assert.Matches(@"^(s|By|1|\{[a-z]+\})$", spec.Unit);
            Assert.Matches(@"^[A-Z0-9].*[.]$", spec.Meaning);
            Assert.Equal(spec.Kind is MetricKind.Histogram, spec.Buckets.Count > 0);
        });
    }

    static bool IsOurs(string name) => name.StartsWith("federation_", StringComparison.Ordinal);

    static string NameOf(MetricSpec spec) => PrometheusText.NameOf(spec.Name, spec.Unit, spec.Kind);

    static string TypeOf(MetricKind kind) => kind.ToString().ToLowerInvariant();

    static string Written()
    {
        var text = new StringBuilder();
        text.Append("""
            # Metrics

            Hub and edge serve these at `/metrics` in Prometheus' text format, and send them by OTLP where [that is configured](configuration.md#opentelemetry); there
            a name has dots for underscores, and neither unit nor `_total` at its end. Histograms have `_bucket`, `_sum` and `_count`. Numbers count
            from the start of the process.

            A metric has at most 5,000 combinations of labels; what is beyond is counted as one, with `otel_metric_overflow="true"`. At most 500 pools
            have a `pool` of their own, the others share `_other`. `reason` is one of the [condition reasons](conditions.md), or `Other`.

            The runtime's own metrics are there too, as .NET names them: `dotnet_gc_...`, `dotnet_process_...`, `dotnet_thread_pool_...`.

            """);
        foreach (var (title, where, metrics) in Parts)
        {
            text.Append($"\n## {title}\n\n{where}\n\n| metric | type | unit | labels | means | look when |\n|---|---|---|---|---|---|\n");
            foreach (var spec in metrics) text.Append($"| `{NameOf(spec)}` | {TypeOf(spec.Kind)} | {spec.Unit} | {string.Join(", ", spec.Labels.Select(static label => $"`{label}`"))} | {spec.Meaning} | {spec.Alert} |\n");
        }

        text.Append("""

            ## Values of labels

            | label | values |
            |---|---|
            | `outcome` of an allocation | `granted`, `refused`, `waiting` |
            | `outcome` of a reap | `reaped`; `refused`: it was confirmed meanwhile; `release_err`: nothing was done, and it is tried again; `delete_err`: the outcome of the commit is unknown, and the hub stops. Block and record go in one commit, so never one without the other |
            | `outcome` of a reconcile | `done`, `again` |
            | `error` of a reconcile | `conflict`: somebody else wrote; `refused`: by the API server; `unreachable`: the API server; `hub`: the hub could not be asked, or asks for patience |
            | `code` of a request | HTTP status; 499 for a client that did not wait, `none` for a server that did not answer |
            | `code` of a call | gRPC status |
            | `verb` | as Kubernetes has them: `get`, `list`, `create`, `update`, `patch`, `delete`, `deletecollection` |
            | `queue` | `local`: claims; `remote`: pool claims, which wait for the hub |

            """);
        return text.ToString();
    }
}
