using System.Diagnostics.Metrics;
using Federation.Domain.Conditions;
using Federation.Resources;
using Federation.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.Tests.Telemetry;

/// <summary>Adding up and writing out: exact, bounded, and free where nothing is new.</summary>
public sealed class MetricStoreTests : IDisposable
{
    static readonly MetricSpec Things = new("federation.test.things", MetricKind.Counter, "{thing}", "Things \\ seen.", "name");
    static readonly MetricSpec Took = MetricSpec.Duration("federation.test.duration", "How long.", "name");

    readonly ServiceProvider services = new ServiceCollection().AddOperations().BuildServiceProvider();

    Meter Meter => services.GetRequiredService<IMeterFactory>().Create("Federation.Test");

    MetricStore Store => services.GetRequiredService<MetricStore>();

    public void Dispose() => services.Dispose();

    [Fact]
    public void What_is_measured_can_be_read_in_the_text_format()
    {
        _ = Store;
        var things = Meter.Counter(Things);
        var took = Meter.Histogram(Took);

        things.Add(2, new KeyValuePair<string, object?>("name", "a\"b\\c\nd"));
        things.Add(3, new KeyValuePair<string, object?>("name", "a\"b\\c\nd"));
        foreach (var seconds in new[] { 0.0001, 0.0002, 30 }) took.Record(seconds, new KeyValuePair<string, object?>("name", "x"));

        var page = Read();
        Assert.Equal(5, page.Sum("federation_test_things_total", ("name", """a\"b\\c\nd""")));
        Assert.Equal(1, page.Sum("federation_test_duration_seconds_bucket", ("le", "0.0001")));
        Assert.Equal(2, page.Sum("federation_test_duration_seconds_bucket", ("le", "10")));
        Assert.Equal(3, page.Sum("federation_test_duration_seconds_bucket", ("le", "+Inf")));
        Assert.Equal(3, page.Sum("federation_test_duration_seconds_count"));
        Assert.Equal(30.0003, page.Sum("federation_test_duration_seconds_sum"), 1e-9);
    }

    [Fact]
    public void Beyond_the_limit_all_labels_are_counted_as_one()
    {
        _ = Store;
        var things = Meter.Counter(Things);

        for (var i = 0; i < MetricStore.SeriesMax + 100; i++) things.Add(1, new KeyValuePair<string, object?>("name", $"n{i}"));

        var page = Read();
        Assert.Equal(MetricStore.SeriesMax + 1, page.Samples.Count(static sample => sample.Metric == "federation_test_things_total"));
        Assert.Equal(100, page.Sum("federation_test_things_total", ("otel_metric_overflow", "true")));
    }

    [Fact]
    public void A_measurement_that_was_made_before_takes_no_memory()
    {
        _ = Store;
        var things = Meter.Counter(Things);
        var took = Meter.Histogram(Took);
        for (var i = 0; i < 100; i++) Measure();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Measure();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000); // one object for each would be 24 bytes and more; what there is, is the runtime's own

        void Measure()
        {
            things.Add(1, new KeyValuePair<string, object?>("name", "a"));
            took.Record(0.01, new("name", "a"), new("verb", "b"), new("code", "c"));
        }
    }

    [Fact]
    public void Meters_of_another_process_are_not_heard()
    {
        _ = Store;
        using var other = new ServiceCollection().AddOperations().BuildServiceProvider();

        other.GetRequiredService<IMeterFactory>().Create("Federation.Test").Counter(Things).Add(1);

        Assert.DoesNotContain("federation_test_things_total", Read().Types.Keys);
    }

    [Fact]
    public void A_thousand_pools_have_no_more_series_than_the_limit_and_lose_no_address()
    {
        _ = Store;
        var ipam = services.GetRequiredService<IpamMetrics>();
        var pools = Enumerable.Range(0, 1_000).Select(static i => Pool($"p{i:000}")).ToList();
        ipam.Observe("test", "1", () => pools);

        var page = Read();
        Assert.Equal((IpamMetrics.PoolsMax + 1) * 4, page.Samples.Count(static sample => sample.Name == "federation_pool_capacity"));
        Assert.Equal(256_000, page.Sum("federation_pool_capacity", ("state", "total")));
        Assert.Equal(256 * 500, page.Sum("federation_pool_capacity", ("state", "total"), ("pool", PoolNames.Other)));

        pools.RemoveRange(0, 900);
        Read();
        Assert.Equal(100, Read().Samples.Count(static sample => sample.Name == "federation_pool_capacity" && sample.Labels["state"] == "total"));
        Assert.Equal(0, Read().Sum("federation_pool_capacity", ("pool", PoolNames.Other)));
    }

    [Fact]
    public void A_reason_nobody_knows_is_no_label()
    {
        _ = Store;

        services.GetRequiredService<IpamMetrics>().Answered(new() { Type = ConditionTypes.Allocated, Status = ConditionStatus.False, Reason = "Whatever", Message = "" }, took: null);

        Assert.Equal(1, Read().Sum("federation_allocation_attempts_total", ("reason", "Other")));
    }

    Exposition Read() => Exposition.Read(PrometheusText.Write(Store));

    static IPPool Pool(string name) => new()
    {
        Metadata = new() { Name = name },
        Spec = new(),
        Status = new() { UtilizationPercent = 50, Capacity = new() { Total = "256", Allocated = "128", Leased = "0", Available = "128" } },
    };
}
