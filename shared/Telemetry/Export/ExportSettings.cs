using Microsoft.Extensions.Configuration;

namespace Federation.Telemetry;

/// <summary>
/// What is sent to a collector, by the variables that OpenTelemetry has for it. A signal is sent when its
/// <c>OTEL_*_EXPORTER</c> says <c>otlp</c>, or says nothing and an endpoint is named.
/// </summary>
public sealed record ExportSettings(bool Traces, bool Metrics, bool Logs)
{
    public static readonly ExportSettings None = new(false, false, false);

    /// <summary>The variables read here, with what they mean.</summary>
    public static readonly IReadOnlyDictionary<string, string> Variables = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["OTEL_SDK_DISABLED"] = "`true` sends nothing.",
        ["OTEL_TRACES_EXPORTER"] = "`otlp` or `none`. Unset: `otlp` where an endpoint is named.",
        ["OTEL_METRICS_EXPORTER"] = "`otlp`, `prometheus` or `none`. `/metrics` is served in any case.",
        ["OTEL_LOGS_EXPORTER"] = "`otlp` or `none`. The console is written in any case.",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "The collector: `http://HOST:4317` for gRPC, `http://HOST:4318` for HTTP.",
        ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "Another one for traces.",
        ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = "Another one for metrics.",
        ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = "Another one for logs.",
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "`grpc` (preset) or `http/protobuf`.",
    };

    /// <summary>Variables that OpenTelemetry's library reads by itself, as far as they are of use here.</summary>
    public static readonly IReadOnlyDictionary<string, string> PassedOn = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["OTEL_SERVICE_NAME"] = "The service's name; preset `federation-hub` and `federation-edge`.",
        ["OTEL_RESOURCE_ATTRIBUTES"] = "What else to say of the process: `k8s.cluster.name=east,...`.",
        ["OTEL_EXPORTER_OTLP_HEADERS"] = "Headers for the collector, such as a token.",
        ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "Milliseconds a collector may take; preset 10000.",
        ["OTEL_TRACES_SAMPLER"] = "Preset `parentbased_always_on`. An edge that records nothing says so to the hub: `always_on` records at the hub all the same.",
        ["OTEL_TRACES_SAMPLER_ARG"] = "The share, for the samplers that have one.",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "Milliseconds between two exports; preset 60000.",
        ["OTEL_BSP_MAX_QUEUE_SIZE"] = "Spans that wait to be sent; more are dropped. Preset 2048.",
    };

    public bool Any => Traces || Metrics || Logs;

    /// <summary>The settings, or which variable is wrong and why.</summary>
    public static (ExportSettings Settings, string? Error) Read(IConfiguration environment)
    {
        if (string.Equals(environment["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)) return (None, null);
        foreach (var variable in Variables.Keys)
        {
            if (Error(variable, environment[variable]) is { } error) return (None, $"{variable}: {error}");
        }

        return (new(IsOn(environment, "TRACES"), IsOn(environment, "METRICS"), IsOn(environment, "LOGS")), null);
    }

    static string? Error(string variable, string? value)
    {
        if (string.IsNullOrWhiteSpace(value)) return null;
        if (variable.EndsWith("_ENDPOINT", StringComparison.Ordinal)) return Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? null : $"'{value}' is no URL; write http://HOST:PORT";
        if (variable.EndsWith("_PROTOCOL", StringComparison.Ordinal)) return value is "grpc" or "http/protobuf" ? null : $"'{value}' is not known; use grpc or http/protobuf";
        if (variable.EndsWith("S_EXPORTER", StringComparison.Ordinal)) return value is "otlp" or "none" || (variable is "OTEL_METRICS_EXPORTER" && value is "prometheus") ? null : $"'{value}' is not known; use otlp or none";
        return null;
    }

    static bool IsOn(IConfiguration environment, string signal) => environment[$"OTEL_{signal}_EXPORTER"] switch
    {
        "otlp" => true,
        null or "" => environment["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } || environment[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 },
        _ => false,
    };
}
