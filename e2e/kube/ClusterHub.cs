using Federation.Kubernetes;

namespace Federation.E2E;

/// <summary>A hub behind a real API server: an <c>APIService</c> whose service is a name of loopback.</summary>
static class ClusterHub
{
    static readonly TimeSpan AvailableWithin = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>How the hub is started: certificates of the cluster's authority, the front proxy's, and the cluster to ask.</summary>
    public static IReadOnlyList<string> Arguments(KubeServer server)
    {
        server.Keys.WriteSigned("hub", "ca", "CN=federation-hub", "federation-hub.federation-system.svc");
        return
        [
            "--tls-cert", server.Keys.Path("hub.crt"), "--tls-key", server.Keys.Path("hub.key"), "--client-ca", server.Keys.Path("ca.crt"),
            "--front-proxy-ca", server.Keys.Path("front-ca.crt"), "--front-proxy-names", "front-proxy", "--delegate", server.KubeconfigPath,
        ];
    }

    public static async Task RegisterAsync(KubeServer server, int port, CancellationToken cancel)
    {
        var kubectl = new Kubectl(server.Url, cancel, server.KubeconfigPath);
        var authority = Convert.ToBase64String(await File.ReadAllBytesAsync(server.Keys.Path("ca.crt"), cancel));
        await kubectl.RunAsync("create namespace federation-system");
        await kubectl.RunAsync("apply -f -", $$"""
            apiVersion: v1
            kind: Service
            metadata: {name: federation-hub, namespace: federation-system}
            spec: {type: ExternalName, externalName: localhost, ports: [{port: {{port}}}]}
            """);
        await kubectl.RunAsync("apply -f -", $$"""
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1alpha1.ipam.federation.io}
            spec:
              group: ipam.federation.io
              version: v1alpha1
              groupPriorityMinimum: 1000
              versionPriority: 15
              caBundle: {{authority}}
              service: {name: federation-hub, namespace: federation-system, port: {{port}}}
            """);
    }

    /// <summary>Waits until the API server has found out that the hub is there.</summary>
    public static async Task UntilAvailableAsync(KubernetesConnection connection, TimeProvider time, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(AvailableWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        while (true)
        {
            using var answer = await connection.Http.GetAsync(new Uri(connection.Base, "/apis/ipam.federation.io/v1alpha1/federations/hub"), either.Token);
            if (answer.IsSuccessStatusCode) return;
            await Task.Delay(LookEvery, time, either.Token);
        }
    }
}
