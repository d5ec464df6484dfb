using k8s;
using k8s.Autorest;

namespace Federation.Kubernetes;

/// <summary>Connections as the official client configures them.</summary>
public sealed partial class KubernetesConnection
{
    public static KubernetesConnection FromKubeconfig(string? path = null, string? context = null) =>
        Of(KubernetesClientConfiguration.BuildConfigFromConfigFile(path, context));

    public static KubernetesConnection InCluster() => Of(KubernetesClientConfiguration.InClusterConfig());

    static KubernetesConnection Of(KubernetesClientConfiguration configuration)
    {
        var client = new k8s.Kubernetes(configuration, new CredentialsHandler(k8s.Kubernetes.CreateCredentials(configuration)));
        return new() { Http = client.HttpClient, Base = client.BaseUri, DefaultNamespace = configuration.Namespace ?? "default" };
    }

    /// <summary>The official client adds its credentials above its handlers, where our requests do not pass.</summary>
    sealed class CredentialsHandler(ServiceClientCredentials? credentials) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (credentials is not null) await credentials.ProcessHttpRequestAsync(request, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
