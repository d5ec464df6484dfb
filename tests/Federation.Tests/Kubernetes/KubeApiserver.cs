using Federation.E2E;
using Federation.Kubernetes;
using Federation.Tests.House;
using Xunit.Sdk;

namespace Federation.Tests.Kubernetes;

/// <summary>A test that needs a real API server.</summary>
[TraitDiscoverer("Federation.Tests.House.WholeDiscoverer", "Federation.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubeFactAttribute : FactAttribute, IWhole
{
    public KubeFactAttribute()
    {
        if (KubeBinaries.Folder is null) Skip = KubeBinaries.Absent;
    }
}

/// <summary>
/// A real etcd and kube-apiserver on loopback, from the first who asks on. Shared by the classes of its collection, which work
/// on names of their own; a class that leaves behind what others would meet has one for itself.
/// </summary>
public sealed class KubeApiserver : IAsyncLifetime
{
    /// <summary>The collection of the classes that share one.</summary>
    public const string Shared = "one API server";

    readonly Lazy<Task<KubeServer>> server = new(static () => KubeServer.StartAsync(TimeProvider.System, default), LazyThreadSafetyMode.ExecutionAndPublication);

    internal Task<KubeServer> ServerAsync() => server.Value;

    /// <summary>Contexts: <c>token</c> and <c>certificate</c> may do everything, <c>nobody</c> nothing.</summary>
    public async Task<KubernetesConnection> ConnectAsync(string context) => (await ServerAsync()).Connect(context);

    internal async Task<Kubectl> KubectlAsync() => new((await ServerAsync()).Url, Limits.Cancel, (await ServerAsync()).KubeconfigPath);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (server.IsValueCreated) await (await server.Value).DisposeAsync();
    }
}

[CollectionDefinition(KubeApiserver.Shared)]
public sealed class SharedKubeApiserver : ICollectionFixture<KubeApiserver>;
