using Federation.ApiServer;

namespace Federation.Simulation;

/// <summary>Survives crashes. A commit may fail before or after it is on the disk, and nobody is told which.</summary>
sealed class SimulatedDisk(Random random, double crashRate) : IObjectStorage
{
    readonly SortedDictionary<(string Kind, string Namespace, string Name), StoredRow> rows = [];
    long revision = 1;

    public int LostCommits { get; private set; }

    public int KeptCommits { get; private set; }

    public IEnumerable<StoredRow> Rows => rows.Values;

    public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("simulated", revision, [.. rows.Values]));

    public async ValueTask CommitAsync(CommitBatch batch)
    {
        await Task.Yield();
        var fate = random.NextDouble();
        if (fate < crashRate / 2)
        {
            LostCommits++;
            throw new IOException("power lost before the commit");
        }

        Keep(batch);
        if (fate >= crashRate) return;
        KeptCommits++;
        throw new IOException("power lost after the commit");
    }

    void Keep(CommitBatch batch)
    {
        revision = batch.Revision;
        foreach (var write in batch.Writes)
        {
            var key = (write.Kind, write.Namespace, write.Name);
            if (write.Json is { } json) rows[key] = new(write.Kind, write.Namespace, write.Name, write.Revision, json.ToArray());
            else rows.Remove(key);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
