using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Federation.Rpc;

/// <summary>
/// An edge's way to the hub. Calls are made once: who repeats a call decides so by its failure, and knows that it is
/// safe. Connects by itself, as often as needed, and opens more connections when one is full of streams.
/// </summary>
public sealed class HubChannel : IDisposable
{
    readonly GrpcChannel channel;

    HubChannel(GrpcChannel channel, CallInvoker invoker)
    {
        this.channel = channel;
        Invoker = invoker;
    }

    /// <summary>What generated clients are made of.</summary>
    public CallInvoker Invoker { get; }

    /// <param name="metrics">Measures the calls, and lets traces go on at the hub; null where nobody asks.</param>
    public static HubChannel Open(HubChannelOptions options, TimeProvider time, RpcMetrics? metrics = null)
    {
        var channel = GrpcChannel.ForAddress(options.Address, new GrpcChannelOptions
        {
            HttpHandler = new HttpStatusHandler(Transport(options)),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = RpcLimits.MessageBytes,
            MaxSendMessageSize = RpcLimits.MessageBytes,
        });
        var invoker = channel.Intercept(new DefaultDeadline(options.DefaultDeadline, time));
        if (metrics is not null) invoker = invoker.Intercept(new MadeCalls(metrics, time));
        return new HubChannel(channel, options.EdgeName is { } edge ? invoker.Intercept(headers => Named(headers, edge)) : invoker);
    }

    public void Dispose() => channel.Dispose();

    static SocketsHttpHandler Transport(HubChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlive,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null, // the call itself says what trace it belongs to
        };
        if (options.Address.Scheme == Uri.UriSchemeHttps) handler.SslOptions = HubTls.OptionsFor(options);
        return handler;
    }

    /// <summary>A caller's headers are the caller's: they are added to in a copy.</summary>
    static Metadata Named(Metadata headers, string edge)
    {
        var named = new Metadata();
        foreach (var entry in headers) named.Add(entry);
        named.Add(EdgeIdentity.MetadataKey, edge);
        return named;
    }
}
