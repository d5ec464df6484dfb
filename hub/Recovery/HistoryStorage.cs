using System.Security.Cryptography;
using Federation.ApiServer;

namespace Federation.Hub;

/// <summary>A storage of which a copy that somebody put back begins a new history, before anything of it is served.</summary>
sealed class HistoryStorage(IObjectStorage stored, TimeProvider time) : IObjectStorage
{
    /// <summary>The name of the history that began with this process; null when none did.</summary>
    public string? Begun { get; private set; }

    public string? Standby => stored.Standby;

    public Task Lost => stored.Lost;

    /// <summary>A history's name, never used before.</summary>
    public static string NewEpoch() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public ValueTask LeadAsync(CancellationToken cancel) => stored.LeadAsync(cancel);

    public async ValueTask<StoredState> LoadAsync(CancellationToken cancel)
    {
        var state = await stored.LoadAsync(cancel);
        if (!state.IsCopy) return state;
        Begun = NewEpoch();
        await StoreRestore.BeginAsync(stored, Begun, isComplete: false, time.GetUtcNow());
        return await stored.LoadAsync(cancel);
    }

    public ValueTask CommitAsync(CommitBatch batch) => stored.CommitAsync(batch);

    /// <summary>Belongs to whoever opened it.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
