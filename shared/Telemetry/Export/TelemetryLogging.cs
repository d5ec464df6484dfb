using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Federation.Telemetry;

/// <summary>How the console is written.</summary>
public enum LogFormat { Unspecified = 0, Text, Json }

/// <summary>Logs with the ids of the trace they were written in, and the way to a collector.</summary>
public static class TelemetryLogging
{
    const string Stamp = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    /// <summary>The format of that name, or null.</summary>
    public static LogFormat? FormatOf(string? name) => name switch
    {
        null or "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        _ => null,
    };

    extension(IHostApplicationBuilder builder)
    {
        /// <summary>Console logs with trace ids; traces, metrics and logs to a collector where that is set up.</summary>
        public void AddTelemetry(ServiceIdentity service, LogFormat format, ExportSettings export)
        {
            builder.Logging.Configure(static logs => logs.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
            if (format is LogFormat.Json) builder.Logging.AddJsonConsole(static console => (console.IncludeScopes, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, Stamp.Trim()));
            else builder.Logging.AddSimpleConsole(static console => (console.IncludeScopes, console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, true, Stamp));
            if (!export.Any) return;
            var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
            builder.Services.AddSingleton<IHostedService>(_ => new OtlpExport(export, service, environment));
            if (export.Logs) builder.Logging.AddOpenTelemetry(logs => logs.SetResourceBuilder(service.ToResource()).AddOtlpExporter());
        }
    }
}
