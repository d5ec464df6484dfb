using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Hub;
using EdgeObject = Federation.Resources.Edge;

namespace Federation.Tests.Conditions;

/// <summary>A whole hub whose edges are played by calling its desks, as the lease service does.</summary>
sealed class FleetScene(TestHub hub)
{
    int requests;

    LeaseDesk Leases => hub.Get<LeaseDesk>();

    EdgeDesk Edges => hub.Get<EdgeDesk>();

    public Task RegisterAsync(params string[] names) => WriteAsync(transaction =>
    {
        foreach (var name in names) Assert.NotNull(Edges.Register(transaction, name, $"site-{name}", "1.0", []));
        return 0;
    });

    /// <summary>Leases of a pool for an edge, in one transaction; confirmed unless it is said otherwise.</summary>
    public Task<List<Lease>> LendAsync(string edge, string pool, int count, bool confirm = true, int length = 24) => WriteAsync(transaction =>
        Enumerable.Range(0, count).Select(_ => Lend(transaction, edge, pool, confirm, length)).ToList());

    public Task ConfirmAsync(Lease lease) => WriteAsync(transaction => LeaseAnswers.LeaseOf(Leases.Confirm(transaction, lease.Id, lease.Edge, lease.Epoch)));

    public Task ReleaseAsync(Lease lease) => WriteAsync(transaction => LeaseAnswers.LeaseOf(Leases.Release(transaction, lease.Id, lease.Edge, lease.Epoch, "the test says so")));

    /// <summary>An edge's report: what of each lease is used, and that it is alive.</summary>
    public Task ReportAsync(string edge, string allocated, params IEnumerable<Lease> leases) => WriteAsync(transaction =>
    {
        foreach (var lease in leases) Leases.Renew(transaction, lease.Id, edge, lease.Epoch, new() { Total = lease.Block.Count.ToString(), Allocated = allocated, ObservedAt = transaction.Now }, isUsageOnly: true);
        Edges.Hear(transaction, transaction.Find<EdgeObject>(null, edge)!);
        return 0;
    });

    public Task MissAsync(string edge) => WriteAsync(transaction =>
    {
        Edges.Miss(transaction, transaction.Find<EdgeObject>(null, edge)!);
        return 0;
    });

    public T Find<T>(string name) where T : Resource => hub.Store.Current.Find<T>(null, name)!;

    /// <summary>An object once its conditions are so.</summary>
    public async Task<IReadOnlyList<Condition>> UntilAsync<T>(string name, Func<IReadOnlyList<Condition>, bool> areSo) where T : Resource
    {
        var limit = Limits.Cancel;
        while (true)
        {
            var seen = hub.Store.Changes.Last;
            if (hub.Store.Current.Find<T>(null, name) is { } found && ConditionsOf(found) is { } conditions && areSo(conditions)) return conditions;
            await hub.Store.Changes.WaitAsync(seen, limit);
        }
    }

    public async Task UntilGoneAsync<T>(string name) where T : Resource
    {
        var limit = Limits.Cancel;
        for (var seen = hub.Store.Changes.Last; hub.Store.Current.Find<T>(null, name) is not null; seen = hub.Store.Changes.Last) await hub.Store.Changes.WaitAsync(seen, limit);
    }

    /// <summary>Ready says this.</summary>
    public Task<IReadOnlyList<Condition>> ReadyIsAsync<T>(string name, string reason, string? message = null) where T : Resource => UntilAsync<T>(name,
        conditions => conditions.Find(ConditionTypes.Ready) is { } ready && ready.Reason == reason && (message ?? ready.Message) == ready.Message);

    /// <summary>Everything that follows from what was done has been done.</summary>
    public async Task SettleAsync()
    {
        for (var calm = 0; calm < 3;)
        {
            var before = hub.Store.Changes.Last;
            var (round, upkeep) = (hub.Get<AddressBook>(), hub.Get<Upkeep>());
            await hub.Store.WriteAsync("test", upkeep.Round, Limits.Cancel);
            calm = WritesBehind(before) == 0 && round.Touched.Count == 0 ? calm + 1 : 0;
        }
    }

    /// <summary>How often an object of this kind and name was written behind a revision.</summary>
    public int WritesOf<T>(string name, long behind) where T : Resource
    {
        var count = 0;
        for (var revision = behind + 1; revision <= hub.Store.Changes.Last; revision++)
        {
            if (hub.Store.Changes.TryRead(revision, out var change) && change.Latest.Resource is T written && written.Name == name) count++;
        }

        return count;
    }

    /// <summary>How many writes there were behind a revision; what people were told of earlier ones aside.</summary>
    public int WritesBehind(long revision) => WritesBehind(hub.Store, revision).Count();

    /// <summary>What was written to a store behind a revision, events and namespaces aside.</summary>
    public static IEnumerable<string> WritesBehind(ObjectStore store, long revision)
    {
        while (++revision <= store.Changes.Last)
        {
            if (!store.Changes.TryRead(revision, out var change)) yield return "?";
            else if (change.Latest.Resource is not (EventObject or NamespaceObject)) yield return $"{change.Latest.Kind} {change.Latest.Resource.Name}";
        }
    }

    public Task<T> WriteAsync<T>(Func<Transaction, T> change) => hub.Store.WriteAsync("test", change, Limits.Cancel);

    Lease Lend(Transaction transaction, string edge, string pool, bool confirm, int length)
    {
        var wish = new LeaseWish { Edge = edge, Pool = pool, RequestId = $"request-{requests++}", PrefixLength = length };
        var offered = LeaseAnswers.LeaseOf(Leases.Request(transaction, wish, transaction.Find<EdgeObject>(null, edge)!));
        return confirm ? LeaseAnswers.LeaseOf(Leases.Confirm(transaction, offered.Id, edge, offered.Epoch)) : offered;
    }

    public static IReadOnlyList<Condition>? ConditionsOf(Resource? resource) => resource switch
    {
        IPPool pool => pool.Status?.Conditions,
        EdgeObject edge => edge.Status?.Conditions,
        FederationObject fleet => fleet.Status?.Conditions,
        IPLease lease => lease.Status?.Conditions,
        IPPoolClaim claim => claim.Status?.Conditions,
        IPClaim claim => claim.Status?.Conditions,
        _ => null,
    };
}
