using System.Diagnostics;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Transactions that are committed together and answered after that.</summary>
/// <param name="adopted">Changes made while loading, which nobody waits for: stored with the first that somebody does.</param>
sealed class WriteGroup(IReadOnlyList<Change> adopted)
{
    const int RequestsMax = 512;

    readonly List<AuditRecord> audit = [];

    public IReadOnlyList<Change> Adopted => adopted;

    public List<WriteRequest> Requests { get; } = [];

    public List<Change> Changes { get; } = [];

    /// <summary>Objects kept as bytes alone until somebody looked.</summary>
    public List<StoredObject> Woken { get; } = [];

    public bool IsEmpty => Requests.Count == 0;

    public bool IsFull => Requests.Count >= RequestsMax;

    /// <summary>Whether all of it was refused, only tried, or had nothing to change.</summary>
    public bool ChangesNothing => Changes.Count == 0 && audit.Count == 0;

    public void Run(WriteRequest request, WorkingState working, DateTimeOffset now)
    {
        Requests.Add(request);
        var transaction = new Transaction(working, request.Actor, now, Changes, audit, Woken);
        if (!request.Run(transaction)) transaction.Undo();
        request.ChangesEnd = Changes.Count;
    }

    public CommitBatch ToBatch(long revision)
    {
        var writes = new ObjectWrite[adopted.Count + Changes.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            var change = i < adopted.Count ? adopted[i] : Changes[i - adopted.Count];
            var latest = change.Latest;
            writes[i] = new(latest.Kind.ToString(), latest.Namespace, latest.Name, change.Revision, change.After?.Json, Holding.Of(change.After?.Resource));
        }

        return new(revision, writes, audit);
    }

    public void Fail(Exception e)
    {
        foreach (var request in Requests) request.Fail(e);
    }
}

/// <summary>A transaction that somebody waits for.</summary>
abstract class WriteRequest(string actor, long askedAt)
{
    public string Actor { get; } = actor;

    /// <summary>When it entered the queue, on the monotonic clock.</summary>
    public long AskedAt { get; } = askedAt;

    /// <summary>The trace it belongs to, if anybody records it.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>Where what it changed ends in the changes of its group; it begins where the request before ends.</summary>
    public int ChangesEnd { get; set; }

    /// <summary>Whether what the transaction did shall stay.</summary>
    public abstract bool Run(Transaction transaction);

    public abstract void Succeed();

    public abstract void Fail(Exception e);
}

sealed class WriteRequest<T>(string actor, Func<Transaction, T> change, bool dryRun, long askedAt) : WriteRequest(actor, askedAt)
{
    T? result;
    Exception? refusal;

    public TaskCompletionSource<T> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool Run(Transaction transaction)
    {
        try
        {
            result = change(transaction);
            return !dryRun;
        }
        catch (Exception e) when (e is not Domain.InvariantViolationException)
        {
            refusal = e;
            return false;
        }
    }

    public override void Succeed()
    {
        if (refusal is not null) Answer.TrySetException(refusal);
        else Answer.TrySetResult(result!);
    }

    public override void Fail(Exception e) => Answer.TrySetException(e);
}
