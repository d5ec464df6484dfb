using Federation.ApiServer;
using Federation.Kubernetes;
using Federation.Rpc;
using Federation.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Federation.Edge;

/// <summary>The edge as an application: the agent, the API it works against where that is its own, and what operations ask.</summary>
static class EdgeApp
{
    /// <param name="storage">Of the embedded API; null when the agent works against a cluster's.</param>
    /// <param name="logging">What else is to be told of the logs.</param>
    /// <param name="clock">Null for the machine's.</param>
    public static WebApplication Build(EdgeOptions options, IObjectStorage? storage, TimeProvider time, Action<ILoggingBuilder>? logging = null, IBootClock? clock = null)
    {
        var builder = ProcessHost.NewBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.OpsUrl is { } ops) kestrel.Listen(ops, tls: null, HttpProtocols.Http1);
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.AddTelemetry(new("federation-edge", EdgeOptions.Version), options.LogFormat, options.Export);
        logging?.Invoke(builder.Logging);
        builder.Services.AddSingleton(options).AddSingleton(time).AddSingleton(clock ?? new SystemBootClock(time)).AddSingleton<Leadership>();
        AddOperations(builder.Services);
        if (storage is not null) builder.AddEmbeddedApi(options, storage);
        else builder.AddClusterApi(options);
        builder.Services.AddHostedService<Agent>();

        var app = builder.Build();
        app.Services.GetRequiredService<MetricStore>(); // adds up from here on
        var ids = TraceIds.Give();
        app.Lifetime.ApplicationStopped.Register(ids.Dispose);
        app.RunWithOperations(options.OpsUrl?.Port, storage is null ? app.Services.GetRequiredService<AdmissionEndpoint>().ServeAsync : app.Services.GetRequiredService<ApiEndpoint>().ServeAsync);
        return app;
    }

    /// <summary>That the hub is away makes no edge unready: it serves its claims from the blocks it has, and no new start would bring the hub back.</summary>
    static void AddOperations(IServiceCollection services)
    {
        services.AddOperations().AddSingleton<AgentStanding>().AddSingleton<EdgeMetrics>().AddSingleton<RpcMetrics>().AddSingleton<KubernetesMetrics>();
        services.AddCheck<AgentStanding>("agent", CheckWeight.Live, static standing => standing.Stopped);
        services.AddCheck<AgentStanding>("synced", CheckWeight.Ready, static standing => standing.NotSynced);
        services.AddCheck<AgentStanding>("adopted", CheckWeight.Ready, static standing => standing.NotAdopted);
        services.AddCheck<AgentStanding>("hub-connection", CheckWeight.Told, static standing => standing.HubTrouble);
    }
}
