using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Federation.Telemetry;

/// <summary>Sends traces and metrics to a collector for as long as the process lives, and what is left when it ends.</summary>
public sealed class OtlpExport(ExportSettings settings, ServiceIdentity service, IConfiguration environment) : IHostedService, IDisposable
{
    TracerProvider? traces;
    MeterProvider? metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Traces) traces = Traces();
        if (settings.Metrics) metrics = Metrics();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        traces?.Dispose();
        metrics?.Dispose();
        (traces, metrics) = (null, null);
    }

    TracerProvider Traces() => Sdk.CreateTracerProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(environment))
        .SetResourceBuilder(service.ToResource())
        .AddSource([.. TraceSources.All.Select(static source => source.Name)])
        .AddOtlpExporter()
        .Build();

    MeterProvider Metrics() => Sdk.CreateMeterProviderBuilder()
        .ConfigureServices(services => services.AddSingleton(environment))
        .SetResourceBuilder(service.ToResource())
        .AddMeter("Federation.*", MetricStore.RuntimeMeter)
        .AddOtlpExporter()
        .Build();
}

/// <summary>What a process calls itself, unless <c>OTEL_SERVICE_NAME</c> or <c>OTEL_RESOURCE_ATTRIBUTES</c> say otherwise.</summary>
public sealed record ServiceIdentity(string Name, string Version)
{
    internal ResourceBuilder ToResource() => ResourceBuilder.CreateEmpty().AddService(Name, serviceVersion: Version).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
