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
        Assert.Null(store.Trouble);
        disk.Fails = true;

        var waiting = Enumerable.Range(0, 5).Select(number => Write(store, $"lost-{number}")).ToList();
        foreach (var write in waiting) Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => write.Within())).Status.Code);

        await Assert.ThrowsAsync<IOException>(() => running.Within());
        Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => Write(store, "after").Within())).Status.Code);
        Assert.False(store.IsServing);
        Assert.Equal("the writer has stopped: IOException", store.Trouble);
        Assert.Equal(["kept"], store.Current.All<IPPool>().Select(static pool => pool.Name));
    }

    [Fact]
    public async Task What_comes_while_a_commit_is_on_its_way_is_computed_meanwhile_and_committed_at_once()
    {
        var disk = new GatedDisk();
        var store = new ObjectStore(disk, [], TimeProvider.System, new ApiMetrics(new UnheardMeters()));
        using var stop = new CancellationTokenSource();
        var running = store.RunAsync(stop.Token);
        var first = Write(store, "first");
        await disk.Begun(1).Within();

        var computed = new TaskCompletionSource();
        Task[] meanwhile = [Write(store, "second"), store.WriteAsync("test", _ => computed.TrySetResult(), Limits.Cancel)];
        await computed.Task.Within();
        Assert.Equal(1, disk.Commits);
        Assert.All([first, .. meanwhile], static write => Assert.False(write.IsCompleted));
        Assert.Empty(store.Current.All<IPPool>());

        disk.Open(1);
        await first.Within();
        await disk.Begun(2).Within();
        Assert.Equal(["first"], store.Current.All<IPPool>().Select(static pool => pool.Name));
        Assert.All(meanwhile, static write => Assert.False(write.IsCompleted));

        disk.Open(2);
        await Task.WhenAll(meanwhile).Within();
        Assert.Equal(["first", "second"], store.Current.All<IPPool>().Select(static pool => pool.Name));
        await stop.CancelAsync();
        await running.Within();
    }

    [Fact]
    public async Task What_was_computed_on_top_of_a_commit_that_fails_is_of_unknown_outcome_too()
    {
        var disk = new GatedDisk();
        var store = new ObjectStore(disk, [], TimeProvider.System, new ApiMetrics(new UnheardMeters()));
        var running = store.RunAsync(Limits.Cancel);
        var first = Write(store, "first");
        await disk.Begun(1).Within();
        var second = Write(store, "second");

        disk.Fail(1);

        await Assert.ThrowsAsync<IOException>(() => running.Within());
        foreach (var write in new[] { first, second }) Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => write.Within())).Status.Code);
        Assert.Equal(1, disk.Commits);
        Assert.Empty(store.Current.All<IPPool>());
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

    /// <summary>Commits when it is told to.</summary>
    sealed class GatedDisk : IObjectStorage
    {
        readonly TaskCompletionSource[] begun = [new(), new()];
        readonly TaskCompletionSource[] gates = [new(), new()];

        public int Commits { get; private set; }

        public Task Begun(int commit) => begun[commit - 1].Task;

        public void Open(int commit) => gates[commit - 1].SetResult();

        public void Fail(int commit) => gates[commit - 1].SetException(new IOException("the disk is full"));

        public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("epoch", 1, []));

        public ValueTask CommitAsync(CommitBatch batch)
        {
            begun[Commits].SetResult();
            return new(gates[Commits++].Task);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
