using Federation.ApiServer;
using Federation.Kubernetes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Federation.Edge;

/// <summary>Which API the agent works against: its own, in this process, or a cluster's.</summary>
static class EdgeApi
{
    extension(WebApplicationBuilder builder)
    {
        public void AddEmbeddedApi(EdgeOptions options, IObjectStorage storage)
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(options.ApiUrl!, tls: null, HttpProtocols.Http1));
            builder.Services.AddSingleton(storage).AddSingleton<ApiMetrics>().AddSingleton<ObjectStore>().AddSingleton<IKindRules, EdgePoolRules>().AddSingleton<IKindRules, EdgeAllocationRules>().AddSingleton<EventKeeping>();
            builder.Services.AddSingleton(static provider => ApiServerSetup.Api(provider)).AddSingleton<ApiEndpoint>();
            builder.Services.AddHostedService<StoreWork>();
            builder.Services.AddStoreChecks();
            builder.Services.AddSingleton(static provider => SiteIdentity.Of(provider.GetRequiredService<ObjectStore>()));
            builder.Services.AddSingleton<IKubernetesApi>(provider => new KubernetesRestClient(KubernetesConnection.FromUrl(options.ApiUrl!), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<KubernetesMetrics>()));
        }

        public void AddClusterApi(EdgeOptions options)
        {
            if (options.OpsUrl is null) builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0)); // a host must listen somewhere
            builder.Services.AddSingleton<IKubernetesApi>(provider => new KubernetesRestClient(
                options.Kubeconfig is { } path ? KubernetesConnection.FromKubeconfig(path) : KubernetesConnection.InCluster(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<KubernetesMetrics>()));
            builder.Services.AddSingleton(static provider => SiteIdentity.Of(provider.GetRequiredService<IKubernetesApi>()));
        }
    }
}

/// <summary>Runs the embedded store's writer for as long as the process lives, and forgets old events.</summary>
sealed class StoreWork(ObjectStore store, EventKeeping keeping) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await await Task.WhenAny(store.RunAsync(stoppingToken), keeping.RunAsync(stoppingToken));
}
