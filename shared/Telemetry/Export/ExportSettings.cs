using Microsoft.Extensions.Configuration;

namespace Federation.Telemetry;

/// <summary>
/// What is sent to a collector, by the variables that OpenTelemetry has for it. A signal is sent when its
/// <c>OTEL_*_EXPORTER</c> says <c>otlp</c>, or says nothing and an endpoint is named.
/// </summary>
public sealed record ExportSettings(bool Traces, bool Metrics, bool Logs)
{
    public static readonly ExportSettings None = new(false, false, false);

    /// <summary>The variables this reads; the exporter reads more of them by itself.</summary>
    public static readonly IReadOnlyList<string> Variables =
    [
        "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ];

    public bool Any => Traces || Metrics || Logs;

    /// <summary>The settings, or which variable is wrong and why.</summary>
    public static (ExportSettings Settings, string? Error) Read(IConfiguration environment)
    {
        if (string.Equals(environment["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)) return (None, null);
        foreach (var variable in Variables)
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
