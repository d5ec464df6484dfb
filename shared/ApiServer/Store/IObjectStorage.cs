using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Where objects are kept for good. Real: SQLite, PostgreSQL. Simulated: a disk that loses what was not synced.</summary>
public interface IObjectStorage : IAsyncDisposable
{
    static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>Why this process may not write yet; null when it may, as where no other process can reach what is stored.</summary>
    string? Standby => null;

    /// <summary>Fails when what this process may do has ended behind its back; where nobody can end it, never.</summary>
    Task Lost => Never;

    /// <summary>Completes once this process alone may write. Called before anything else.</summary>
    ValueTask LeadAsync(CancellationToken cancel) => ValueTask.CompletedTask;

    /// <summary>Everything there is. Called before anything is written.</summary>
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
/// <param name="IsCopy">Whether it was put back from somewhere: what came after it is not known. Until a new epoch is committed.</param>
public sealed record StoredState(string StoreEpoch, long Revision, IReadOnlyList<StoredRow> Rows, bool IsCopy = false);

/// <summary>One object as stored.</summary>
public readonly record struct StoredRow(string Kind, string Namespace, string Name, long Revision, byte[] Json);

/// <summary>Changes that belong together, and the revision after them.</summary>
/// <param name="StoreEpoch">The store's name from here on; null leaves it.</param>
public sealed record CommitBatch(long Revision, IReadOnlyList<ObjectWrite> Writes, IReadOnlyList<AuditRecord> Audit, string? StoreEpoch = null);

/// <summary>One object's new version; null for one that is gone.</summary>
/// <param name="Holding">What it holds, for a storage that refuses two holders of one block by itself.</param>
public readonly record struct ObjectWrite(string Kind, string Namespace, string Name, long Revision, ReadOnlyMemory<byte>? Json, Holding? Holding = null);

/// <summary>Who did what to which object, when and why. Written with the change, in the same commit.</summary>
public sealed record AuditRecord(DateTimeOffset At, string Actor, string Action, string Subject, string Detail);
