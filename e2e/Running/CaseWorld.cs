using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>What a case works with: root pools at the hub, and sites where claims are filed.</summary>
sealed class CaseWorld
{
    public CaseWorld(Topology topology, string id, TimeProvider time, CancellationToken cancel)
    {
        (Topology, Cancel) = (topology, cancel);
        Patience = new(time, cancel);
        var ns = id.ToLowerInvariant();
        Site = new(topology.Api, ns, Patience);
        OtherSite = new(topology.OtherApi, $"{ns}-other", Patience);
    }

    public Topology Topology { get; }

    /// <summary>Waits until something is so.</summary>
    public Patience Patience { get; }

    public CancellationToken Cancel { get; }

    /// <summary>Where the case files its claims.</summary>
    public Site Site { get; }

    /// <summary>A second edge where there are two, and a second namespace where there is one hub.</summary>
    public Site OtherSite { get; }

    public IKubernetesApi Hub => Topology.HubApi;

    /// <summary>kubectl at the API where the case files its claims.</summary>
    public Kubectl Kubectl => new(Topology.ApiUrl, Cancel, Topology.Cluster?.KubeconfigPath);

    /// <summary>The step the case has come to; named in its failure.</summary>
    public string Step { get; private set; } = "start";

    /// <summary>Objects compared without their names: for cases where it is open which of several like claims wins.</summary>
    public bool NamesAreOpen { get; set; }

    public void At(string step) => Step = step;

    /// <summary>A root pool at the hub, ready to be claimed from.</summary>
    public async Task<IPPool> PoolAsync(string name, string cidr, int? min = null, int? max = null, Func<IPPool, IPPool>? but = null)
    {
        var pool = Root(name, cidr, min, max);
        await Hub.CreateAsync(but?.Invoke(pool) ?? pool, cancel: Cancel);
        return await PoolIsAsync(name, PoolPhase.Ready);
    }

    public Task<IPPool> PoolIsAsync(string name, PoolPhase phase) => Patience.UntilAsync(
        () => Hub.GetAsync<IPPool>(null, name, Cancel),
        pool => pool?.Status?.Phase == phase,
        pool => $"pool {name} is {pool?.Status?.Phase?.ToString() ?? "absent"}, not {phase}")!;

    /// <summary>Changes the spec of an object at the hub.</summary>
    public Task OrderAsync<T>(string name, JsonObject spec) where T : Resource => Hub.MergePatchAsync<T>(null, name, new JsonObject { ["spec"] = spec }, cancel: Cancel);

    public async Task<IReadOnlyList<IPLease>> LeasesAsync(string pool) =>
        [.. (await Hub.ListAsync<IPLease>(new() { FieldSelector = $"spec.poolRef.name={pool}" }, Cancel)).Items];

    public Task LeasesAreAsync(string pool, Func<IReadOnlyList<IPLease>, bool> are, string what) => Patience.UntilAsync(
        () => LeasesAsync(pool), are, leases => $"leases of {pool} are not {what}: {string.Join(", ", leases.Select(static lease => $"{lease.Name} {lease.Status?.Phase}"))}");

    /// <summary>The first lease of a pool of which this is so.</summary>
    public async Task<IPLease> LeaseIsAsync(string pool, Func<IPLease, bool> isSo, string what) => (await Patience.UntilAsync(
        () => LeasesAsync(pool), leases => leases.Any(isSo), leases => $"no lease of {pool} is {what}: {string.Join(", ", leases.Select(static lease => $"{lease.Name} {lease.Status?.Phase}"))}")).First(isSo);

    /// <summary>What the fleet's one object says of a restore.</summary>
    public Task FederationSaysAsync(ConditionStatus recovered, Func<Recovery?, bool> isSo) => Patience.UntilAsync(
        () => Hub.GetAsync<FederationObject>(null, FederationObject.SingletonName, Cancel),
        federation => federation?.Status?.Conditions?.Find(ConditionTypes.Recovered)?.Status == recovered && isSo(federation.Status.Recovery),
        federation => $"the hub says of its recovery: {federation?.Status?.Conditions?.Find(ConditionTypes.Recovered)?.Message}");

    public Site SiteAt(IKubernetesApi api, string ns) => new(api, ns, Patience);

    public static IPPool Root(string name, string? cidr, int? min = null, int? max = null) => new()
    {
        Metadata = new() { Name = name },
        Spec = new()
        {
            Cidr = cidr is null ? null : Cidr.Parse(cidr),
            Allocation = new() { Strategy = PlacementStrategy.FirstFit, MinPrefixLength = min, MaxPrefixLength = max },
        },
    };

    public async Task<IReadOnlyList<string>> FinalStatusesAsync() =>
        [.. (await Site.FinalStatusesAsync(NamesAreOpen)).Concat(await OtherSite.FinalStatusesAsync(NamesAreOpen)).Order(StringComparer.Ordinal)];
}

static class PoolShapes
{
    extension(IPPool pool)
    {
        public IPPool Labelled(params (string Key, string Value)[] labels) => pool with
        {
            Metadata = pool.Metadata with { Labels = labels.ToImmutableSortedDictionary(static label => label.Key, static label => label.Value, StringComparer.Ordinal) },
        };

        /// <summary>What an edge leases of it at a time. A hub that serves claims itself takes no notice.</summary>
        public IPPool LeasedBy(int length) => pool with { Spec = pool.Spec with { Leasing = new() { DefaultPrefixLength = length } } };

        public IPPool Reserving(params string[] blocks) => pool with { Spec = pool.Spec with { Reservations = [.. blocks.Select(Cidr.Parse)] } };
    }
}
