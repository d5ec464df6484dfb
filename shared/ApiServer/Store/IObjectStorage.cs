namespace Federation.ApiServer;

/// <summary>Where objects are kept for good. Real: SQLite. Simulated: a disk that loses what was not synced.</summary>
public interface IObjectStorage : IAsyncDisposable
{
    /// <summary>Everything there is. Called before anything else.</summary>
    ValueTask<StoredState> LoadAsync(CancellationToken cancel);

    /// <summary>
    /// Writes a batch whole or not at all, and returns once it would survive power loss. An exception means the outcome
    /// is unknown: the caller stops, and what is stored is read again.
    /// </summary>
    ValueTask CommitAsync(CommitBatch batch);
}

/// <summary>What was found at start.</summary>
/// <param name="StoreEpoch">Names this store; another one means history was replaced, as by a restore.</param>
/// <param name="Revision">The last revision ever given, also to objects that are gone.</param>
public sealed record StoredState(string StoreEpoch, long Revision, IReadOnlyList<StoredRow> Rows);

/// <summary>One object as stored.</summary>
public readonly record struct StoredRow(string Kind, string Namespace, string Name, long Revision, byte[] Json);

/// <summary>Changes that belong together, and the revision after them.</summary>
/// <param name="StoreEpoch">The store's name from here on; null leaves it.</param>
public sealed record CommitBatch(long Revision, IReadOnlyList<ObjectWrite> Writes, IReadOnlyList<AuditRecord> Audit, string? StoreEpoch = null);

/// <summary>One object's new version; null for one that is gone.</summary>
public readonly record struct ObjectWrite(string Kind, string Namespace, string Name, long Revision, ReadOnlyMemory<byte>? Json);

/// <summary>Who did what to which object, when and why. Written with the change, in the same commit.</summary>
public sealed record AuditRecord(DateTimeOffset At, string Actor, string Action, string Subject, string Detail);
