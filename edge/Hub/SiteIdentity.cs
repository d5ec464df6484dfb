using Federation.ApiServer;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Names the site, whoever speaks for it: all agents of one cluster have the same identity, and those of another cluster
/// of the same edge name have another. The hub lets one site of a name hold leases.
/// </summary>
sealed record SiteIdentity(Func<CancellationToken, Task<string>> ReadAsync)
{
    /// <summary>The namespace every cluster has from its birth; its uid is what identifies a cluster in the field.</summary>
    const string FirstNamespace = "kube-system";

    /// <summary>The embedded store's own name.</summary>
    public static SiteIdentity Of(ObjectStore store) => new(async cancel =>
    {
        await store.Loaded.WaitAsync(cancel);
        return store.StoreEpoch;
    });

    public static SiteIdentity Of(IKubernetesApi api) => new(async cancel =>
        (await api.GetAsync<NamespaceObject>(null, FirstNamespace, cancel))?.Uid is { Length: > 0 } uid ? uid : throw new InvalidDataException($"the cluster has no namespace {FirstNamespace}"));
}
