using Federation.E2E;
using Federation.Kubernetes;

namespace Federation.Tests.Kubernetes;

/// <summary>A test that needs a real API server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubeFactAttribute : FactAttribute
{
    public KubeFactAttribute()
    {
        if (KubeBinaries.Folder is null) Skip = KubeBinaries.Absent;
    }
}

/// <summary>A real etcd and kube-apiserver on loopback, for the tests of one class.</summary>
public sealed class KubeApiserver : IAsyncLifetime
{
    KubeServer? server;

    internal KubeServer Server => server!;

    /// <summary>Contexts: <c>token</c> and <c>certificate</c> may do everything, <c>nobody</c> nothing.</summary>
    public KubernetesConnection Connect(string context) => Server.Connect(context);

    public async Task InitializeAsync()
    {
        if (KubeBinaries.Folder is not null) server = await KubeServer.StartAsync(TimeProvider.System, default);
    }

    public async Task DisposeAsync()
    {
        if (server is not null) await server.DisposeAsync();
    }
}
