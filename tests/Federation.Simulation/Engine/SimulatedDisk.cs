using Federation.ApiServer;

namespace Federation.Simulation;

/// <summary>
/// Survives the process that writes it. A commit takes its time; it may fail before or after it is on the disk, and nobody
/// is told which. What was never acknowledged may be lost with the process.
/// </summary>
sealed class SimulatedDisk(Scheduler scheduler, string name, Action<SimulatedDisk, CommitBatch> committed) : IObjectStorage
{
    SortedDictionary<(string Kind, string Namespace, string Name), StoredRow> rows = [];
    long revision = 1;
    string storeEpoch = $"store-{name}";
    (SortedDictionary<(string Kind, string Namespace, string Name), StoredRow> Rows, long Revision, string StoreEpoch)? backup;
    Scheduler.Timer? underWay;
    CommitBatch? unsaid;

    public string Name => name;

    /// <summary>Share of commits that fail.</summary>
    public double FailureRate { get; set; }

    public TimeSpan CommitMax { get; set; } = TimeSpan.FromMilliseconds(5);

    public int FailedCommits { get; private set; }

    public IEnumerable<StoredRow> Rows => rows.Values;

    public StoredRow? Find(string kind, string ns, string name) => rows.TryGetValue((kind, ns, name), out var row) ? row : null;

    /// <summary>The process that wrote is gone: what it had not been told yet is on the disk or not, and nothing comes later.</summary>
    public void Detach()
    {
        underWay?.CallOff();
        if (unsaid is { } batch && scheduler.Random.Next(2) == 0) Keep(batch);
        (underWay, unsaid) = (null, null);
    }

    /// <summary>Keeps a copy of all that is on the disk.</summary>
    public void BackUp() => backup = (new(rows), revision, storeEpoch);

    /// <summary>Puts the copy in the place of what is there; false when none was ever made.</summary>
    public bool TryPutBack()
    {
        if (backup is not { } copy) return false;
        (rows, revision, storeEpoch) = (new(copy.Rows), copy.Revision, copy.StoreEpoch);
        return true;
    }

    public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState(storeEpoch, revision, [.. rows.Values]));

    public async ValueTask CommitAsync(CommitBatch batch)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        unsaid = batch;
        underWay = scheduler.After(CommitMax * Math.Pow(scheduler.Random.NextDouble(), 2), () => Commit(batch, done));
        await done.Task;
    }

    void Commit(CommitBatch batch, TaskCompletionSource done)
    {
        (underWay, unsaid) = (null, null);
        var fate = scheduler.Random.NextDouble();
        if (fate < FailureRate) FailedCommits++;
        if (fate >= FailureRate / 2) Keep(batch);
        if (fate < FailureRate) done.SetException(new IOException("the disk failed"));
        else done.SetResult();
    }

    void Keep(CommitBatch batch)
    {
        (revision, storeEpoch) = (batch.Revision, batch.StoreEpoch ?? storeEpoch);
        committed(this, batch);
        foreach (var write in batch.Writes)
        {
            var key = (write.Kind, write.Namespace, write.Name);
            if (write.Json is { } json) rows[key] = new(write.Kind, write.Namespace, write.Name, write.Revision, json.ToArray());
            else rows.Remove(key);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
