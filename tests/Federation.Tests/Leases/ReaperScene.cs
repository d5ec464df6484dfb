using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Hub;
using Federation.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using EdgeObject = Federation.Resources.Edge;
using Lease = Federation.Domain.Leases.Lease;

namespace Federation.Tests.Leases;

/// <summary>A hub without its faces, on storage in memory and a clock of the test's.</summary>
sealed class ReaperScene : IAsyncDisposable
{
    readonly ServiceProvider provider;
    readonly CancellationTokenSource life = new();
    readonly Task writing;

    public ReaperScene(Func<HubOptions, HubOptions>? but = null)
    {
        var options = new HubOptions { Data = "", ApiUrl = new("http://127.0.0.1:0"), GrpcUrl = new("http://127.0.0.1:0") };
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders());
        services.AddHub(but?.Invoke(options) ?? options, Storage, Time);
        provider = services.BuildServiceProvider();
        writing = Store.RunAsync(life.Token);
    }

    public VirtualTime Time { get; } = new();

    public MemoryStorage Storage { get; } = new();

    public ObjectStore Store => provider.GetRequiredService<ObjectStore>();

    public Reaper Reaper => provider.GetRequiredService<Reaper>();

    public LeaseDesk Desk => provider.GetRequiredService<LeaseDesk>();

    public T Get<T>() where T : class => provider.GetRequiredService<T>();

    public IEnumerable<IPLease> Leases => Store.Current.All<IPLease>();

    public IPLease? Find(string id) => Store.Current.Find<IPLease>(null, id);

    public async Task<ReaperScene> WithPoolAsync(string cidr = "10.0.0.0/16")
    {
        await Store.WriteAsync("test", transaction => transaction.Put(new IPPool { Metadata = new() { Name = "prod", Uid = "pool", Generation = 1 }, Spec = new() { Cidr = Cidr.Parse(cidr), Leasing = new() { MinPrefixLength = 20, MaxPrefixLength = 30 } } }), Limits.Cancel);
        return this;
    }

    /// <summary>A lease in this phase, of an edge that registers if it has not.</summary>
    public async Task<Lease> LeaseAsync(string request, LeasePhase phase = LeasePhase.Offered, string edge = "east", int length = 28) => await Store.WriteAsync(edge, transaction =>
    {
        var registered = transaction.Find<EdgeObject>(null, edge) ?? Get<EdgeDesk>().Register(transaction, edge, "site-1", "1", [])!;
        var lease = LeaseAnswers.LeaseOf(Desk.Request(transaction, new() { Edge = edge, RequestId = request, Pool = "prod", PrefixLength = length }, registered));
        if (phase is LeasePhase.Offered) return lease;
        if (phase is LeasePhase.Failed) return In(transaction, lease with { Phase = LeasePhase.Failed });
        lease = LeaseAnswers.LeaseOf(Desk.Confirm(transaction, lease.Id, edge, lease.Epoch));
        return phase is LeasePhase.Active ? lease : In(transaction, lease with { Phase = phase, ReusableAt = phase is LeasePhase.Released ? transaction.Now.AddYears(100) : null });
    }, Limits.Cancel);

    public Task<int> PassAsync() => Reaper.PassAsync(Limits.Cancel).Within();

    public Task<bool> IsFreeAsync(Cidr block) => Store.WriteAsync("test", _ => Get<AddressBook>().Find("prod")!.Space!.IsFree(block), Limits.Cancel);

    /// <summary>The book says that somebody else holds the lease's block: it cannot be taken back.</summary>
    public Task PoisonAsync(Lease lease) => ChangeAsync(lease.Block, new(HoldKind.Lease, lease.Id), Poison);

    public Task HealAsync(Lease lease) => ChangeAsync(lease.Block, Poison, new(HoldKind.Lease, lease.Id));

    static Holder Poison { get; } = new(HoldKind.Quarantine, "poison");

    Task<bool> ChangeAsync(Cidr block, Holder from, Holder to) => Store.WriteAsync("test", _ => Get<AddressBook>().Find("prod")!.Space!.Change(block, from, to), Limits.Cancel);

    public async ValueTask DisposeAsync()
    {
        await life.CancelAsync();
        await Task.WhenAny(writing).Within(); // a commit that failed has ended it, and its test knows
        await provider.DisposeAsync();
    }

    static Lease In(Transaction transaction, Lease lease)
    {
        transaction.PutLease(lease, "test");
        return lease;
    }
}

/// <summary>Keeps what is committed for as long as the test runs, with the order of everything.</summary>
sealed class MemoryStorage : IObjectStorage
{
    /// <summary>Audit records and removals, in the order they were committed; within a commit, the audit first.</summary>
    public List<string> Sequence { get; } = [];

    public List<AuditRecord> Audit { get; } = [];

    public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("memory", 1, []));

    /// <summary>Called at the start of each commit, which fails with what it throws.</summary>
    public Action? Committing { get; set; }

    public ValueTask CommitAsync(CommitBatch batch)
    {
        Committing?.Invoke();
        Audit.AddRange(batch.Audit);
        Sequence.AddRange(batch.Audit.Select(static record => $"audit {record.Action} {record.Subject}"));
        Sequence.AddRange(batch.Writes.Where(static write => write.Json is null).Select(static write => $"gone {write.Name}"));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
