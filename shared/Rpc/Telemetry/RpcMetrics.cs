using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Federation.Telemetry;
using Grpc.Core;

namespace Federation.Rpc;

/// <summary>What is measured of calls between edge and hub, on either side.</summary>
public sealed class RpcMetrics
{
    public const string MeterName = "Federation.Rpc";

    static readonly MetricSpec ServerCalls = MetricSpec.Duration("federation.rpc.server.duration", "A unary call, as the one who was called saw it.", "method", "code") with { Alert = "rate of code=Internal above 0; of code=ResourceExhausted for 10 min" };
    static readonly MetricSpec ServerStreams = new("federation.rpc.server.streams", MetricKind.Counter, "{call}", "Streaming calls that ended, as the one who was called saw it.", "method", "code");
    static readonly MetricSpec ClientCalls = MetricSpec.Duration("federation.rpc.client.duration", "A unary call to the hub, as the caller saw it.", "method", "code") with { Alert = "rate of code other than OK above a tenth for 10 min" };
    static readonly MetricSpec ClientStreams = new("federation.rpc.client.streams", MetricKind.Counter, "{call}", "Streaming calls to the hub that ended, as the caller saw it.", "method", "code");

    public static readonly IReadOnlyList<MetricSpec> All = [ServerCalls, ServerStreams, ClientCalls, ClientStreams];

    static readonly ConcurrentDictionary<StatusCode, string> Codes = new();
    static readonly ConcurrentDictionary<string, string> Methods = new(StringComparer.Ordinal);

    readonly Histogram<double> serverCalls;
    readonly Counter<long> serverStreams;
    readonly Histogram<double> clientCalls;
    readonly Counter<long> clientStreams;

    public RpcMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        serverCalls = meter.Histogram(ServerCalls);
        serverStreams = meter.Counter(ServerStreams);
        clientCalls = meter.Histogram(ClientCalls);
        clientStreams = meter.Counter(ClientStreams);
    }

    internal void Served(string method, StatusCode code, TimeSpan took) => serverCalls.Record(took.TotalSeconds, Method(method), Code(code));

    internal void StreamServed(string method, StatusCode code) => serverStreams.Add(1, Method(method), Code(code));

    internal void Called(string method, StatusCode code, TimeSpan took) => clientCalls.Record(took.TotalSeconds, Method(method), Code(code));

    internal void StreamCalled(string method, StatusCode code) => clientStreams.Add(1, Method(method), Code(code));

    /// <summary>What a call ended with.</summary>
    internal static StatusCode CodeOf(Exception exception) => exception switch
    {
        RpcException rpc => rpc.StatusCode,
        OperationCanceledException => StatusCode.Cancelled,
        _ => StatusCode.Unknown,
    };

    /// <summary>A call's method as OpenTelemetry names it: without the slash before it. There are as many as the contract has.</summary>
    internal static string NameOf(string method) => Methods.GetOrAdd(method, static full => full.TrimStart('/'));

    internal static string TextOf(StatusCode code) => Codes.GetOrAdd(code, static value => value.ToString());

    static KeyValuePair<string, object?> Method(string method) => new("method", NameOf(method));

    static KeyValuePair<string, object?> Code(StatusCode code) => new("code", TextOf(code));
}
