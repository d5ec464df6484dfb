using Federation.ApiServer;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.Tests.ApiServer;

/// <summary>A commit that fails has an unknown outcome: nothing is assumed, and nobody is told that it succeeded.</summary>
public sealed class CommitTests
{
    [Fact]
    public async Task When_a_commit_fails_all_who_wait_are_told_that_the_outcome_is_unknown_and_the_store_stops()
    {
        var disk = new FailingDisk();
        var store = new ObjectStore(disk, [], TimeProvider.System, new ApiMetrics(new UnheardMeters()));
        var running = store.RunAsync(Limits.Cancel);
        await Write(store, "kept").Within();
        disk.Fails = true;

        var waiting = Enumerable.Range(0, 5).Select(number => Write(store, $"lost-{number}")).ToList();
        foreach (var write in waiting) Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => write.Within())).Status.Code);

        await Assert.ThrowsAsync<IOException>(() => running.Within());
        Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => Write(store, "after").Within())).Status.Code);
        Assert.False(store.IsServing);
        Assert.Equal(["kept"], store.Current.All<IPPool>().Select(static pool => pool.Name));
    }

    static Task<IPPool> Write(ObjectStore store, string name) =>
        store.WriteAsync("test", transaction => transaction.Put(new IPPool { Metadata = new() { Name = name, Uid = name } }), Limits.Cancel);

    sealed class FailingDisk : IObjectStorage
    {
        public bool Fails { get; set; }

        public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("epoch", 1, []));

        public ValueTask CommitAsync(CommitBatch batch) => Fails ? throw new IOException("the disk is full") : ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
