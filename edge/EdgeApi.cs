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
            if (options.Webhook is { } webhook) builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, webhook));
            else if (options.OpsUrl is null) builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0)); // a host must listen somewhere
            builder.Services.AddSingleton<IKubernetesApi>(provider => new KubernetesRestClient(
                options.Kubeconfig is { } path ? KubernetesConnection.FromKubeconfig(path) : KubernetesConnection.InCluster(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<KubernetesMetrics>()));
            builder.Services.AddSingleton(static provider => SiteIdentity.Of(provider.GetRequiredService<IKubernetesApi>()));
            builder.Services.AddSingleton<PoolHolders>().AddSingleton<AdmissionRules>().AddSingleton<AdmissionEndpoint>();
        }
    }

    /// <summary>The API server is the only caller; what it may ask tells nobody anything, so it needs no certificate of its own.</summary>
    static void Listen(KestrelServerOptions kestrel, WebhookListener webhook)
    {
        var certificate = new RenewedCertificate(webhook.Certificate, webhook.Key, TimeProvider.System);
        kestrel.Listen(System.Net.IPAddress.TryParse(webhook.Url.Host.Trim('[', ']'), out var address) ? address : System.Net.IPAddress.Loopback, webhook.Url.Port,
            listen => listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current));
    }
}

/// <summary>Runs the embedded store's writer for as long as the process lives, and forgets old events.</summary>
sealed class StoreWork(ObjectStore store, EventKeeping keeping) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await await Task.WhenAny(store.RunAsync(stoppingToken), keeping.RunAsync(stoppingToken));
}
