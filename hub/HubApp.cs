using Federation.ApiServer;
using Federation.Proto.Grpc.Health.V1;
using Federation.Rpc;
using Federation.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Federation.Hub;

/// <summary>The hub as a web application: its faces on their listeners, and everything behind them.</summary>
static class HubApp
{
    /// <summary>Watches never end by themselves: who still listens then is cut off.</summary>
    static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(3);

    /// <param name="logging">What else is to be told of the logs.</param>
    public static WebApplication Build(HubOptions options, IObjectStorage storage, TimeProvider time, Action<ILoggingBuilder>? logging = null)
    {
        var builder = ProcessHost.NewBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // each face has its own limit
            kestrel.UseFederationLimits();
            kestrel.Listen(options.GrpcUrl, options.Tls, HttpProtocols.Http2);
            kestrel.Listen(options.ApiUrl, ApiTls(options), options.Tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2);
            if (options.OpsUrl is { } ops) kestrel.Listen(ops, tls: null, HttpProtocols.Http1);
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        builder.AddTelemetry(new("federation-hub", HubOptions.Version), options.LogFormat, options.Export);
        logging?.Invoke(builder.Logging);
        builder.Services.AddHub(options, storage, time);
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = StopWithin);

        var app = builder.Build();
        app.Services.GetRequiredService<MetricStore>(); // adds up from here on
        app.Services.GetRequiredService<HubMetrics>().Observe();
        app.Services.GetRequiredService<ServingStatuses>().Set("", HealthCheckResponse.Types.ServingStatus.NotServing); // until everything has been read
        app.UseLeaderOnly();
        // The listener decides, not the Host header: that one names whatever stands in front of the hub.
        app.MapWhen(context => context.Connection.LocalPort == options.GrpcUrl.Port, static edges => edges.UseRouting().UseEndpoints(static endpoints =>
        {
            endpoints.MapGrpcService<LeaseEndpoint>();
            endpoints.MapGrpcService<HealthService>();
        }));
        var (api, lookups) = (app.Services.GetRequiredService<ApiEndpoint>(), app.Services.GetRequiredService<LookupEndpoint>());
        app.RunWithOperations(options.OpsUrl?.Port, app.Services.GetRequiredService<AccessGate>().Before(context => LookupEndpoint.IsMeant(context.Request) ? lookups.ServeAsync(context) : api.ServeAsync(context)));
        return app;
    }

    /// <summary>Edges show certificates of their authority alone; to the API the server in front may speak, and whoever has a token.</summary>
    static TlsFiles? ApiTls(HubOptions options) => options.Tls is { } tls
        ? tls with { FrontAuthority = options.Access.FrontProxyAuthority, IsOptional = options.Access.Delegate is not null }
        : null;
}
