using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Federation.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Telemetry;

/// <summary>What goes to a collector, against one that listens on a real socket. Alone: who records everything sees the other tests' traces too.</summary>
[CollectionDefinition(nameof(ExportTests), DisableParallelization = true)]
[Collection(nameof(ExportTests))]
public sealed class ExportTests
{
    [Fact]
    public async Task Traces_and_metrics_arrive_with_the_name_of_the_service()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await CollectorAsync(received);
        var environment = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }).Build();
        using var services = new ServiceCollection().AddOperations().BuildServiceProvider();
        using var export = new OtlpExport(new(Traces: true, Metrics: true, Logs: false), new("test-service", "7.7"), environment);

        await export.StartAsync(CancellationToken.None);
        services.GetRequiredService<IpamMetrics>().Observe("test-service", "7.7", static () => []);
        using (TraceSources.Api.StartActivity("a span to be sent")) Assert.NotNull(Activity.Current);
        await export.StopAsync(CancellationToken.None);

        Assert.Equal(["/v1/metrics", "/v1/traces"], received.Keys.Order());
        Assert.All(received.Values, static body => Assert.Contains("test-service", body, StringComparison.Ordinal));
        Assert.Contains("a span to be sent", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("federation.build.info", received["/v1/metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_arrive_with_the_trace_they_were_written_in()
    {
        var received = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        await using var collector = await CollectorAsync(received);
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        builder.AddTelemetry(new("test-service", "7.7"), LogFormat.Text, new(Traces: false, Metrics: false, Logs: true));
        using var ids = TraceIds.Give();
        string trace;

        using (var host = builder.Build())
        {
            using var span = TraceSources.Edge.StartActivity("work");
            trace = Encoding.Latin1.GetString(Convert.FromHexString(span!.TraceId.ToHexString()));
            host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("x").Log(LogLevel.Error, new EventId(1), "something", exception: null, static (text, _) => text);
        }

        Assert.Equal(["/v1/logs"], received.Keys);
        Assert.Contains("test-service", received["/v1/logs"], StringComparison.Ordinal);
        Assert.Contains(trace, received["/v1/logs"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_logged_in_a_span_carries_its_ids()
    {
        var scopes = new ScopeCapture();
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.AddTelemetry(new("test", "1"), LogFormat.Json, ExportSettings.None);
        builder.Logging.AddProvider(scopes);
        using var host = builder.Build();
        using var ids = TraceIds.Give();

        using var span = TraceSources.Edge.StartActivity("work");
        host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("x").Log(LogLevel.Error, new EventId(1), "something", exception: null, static (text, _) => text);

        Assert.False(span!.Recorded);
        Assert.Contains(scopes.Seen, scope => scope == $"TraceId={span.TraceId}");
        Assert.Contains(scopes.Seen, scope => scope == $"SpanId={span.SpanId}");
    }

    static async Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
            context.Response.StatusCode = StatusCodes.Status200OK;
        });
        await app.StartAsync().Within();
        return app;
    }

    sealed class ScopeCapture : ILoggerProvider, ILogger, ISupportExternalScope
    {
        IExternalScopeProvider? provider;

        public List<string> Seen { get; } = [];

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => provider = scopeProvider;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => provider!.ForEachScope(
            static (scope, seen) => seen.AddRange(((IEnumerable<KeyValuePair<string, object?>>)scope!).Select(static pair => $"{pair.Key}={pair.Value}")), Seen);

        public void Dispose()
        {
        }
    }
}
