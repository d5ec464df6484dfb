using System.Threading.Channels;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>
/// All objects of one API server, and the only place they change. One writer takes requests in order; each is an atomic
/// transaction; a group of them is committed at once and answered after the commit. Readers see committed state only,
/// from immutable snapshots.
/// </summary>
/// <remarks>
/// A commit that fails has an unknown outcome. Nothing is assumed: the writer stops, everybody waiting is told that the
/// outcome is unknown, and the process is expected to end and read again what is stored.
/// </remarks>
public sealed class ObjectStore(IObjectStorage storage, IEnumerable<IChangeObserver> observers, TimeProvider time, ApiMetrics metrics)
{
    /// <summary>Writes waiting for the writer; more are refused with "try again".</summary>
    public const int QueueMax = 8192;

    /// <summary>Transactions in one commit.</summary>
    const int GroupMax = 512;

    /// <summary>Changes a watch may lie behind.</summary>
    const int LogMax = 131_072;

    readonly Channel<Request> requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(QueueMax) { SingleReader = true });
    readonly WorkingState working = new([.. observers]);
    readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile Snapshot published = Snapshot.None;
    volatile Exception? failure;

    public Snapshot Current => published;

    public ChangeLog Changes { get; } = new(LogMax);

    /// <summary>Names this store's history; see <see cref="StoredState"/>.</summary>
    public string StoreEpoch { get; private set; } = "";

    /// <summary>Completes when everything stored has been read; nothing is answered before.</summary>
    public Task Loaded => loaded.Task;

    /// <summary>Whether the writer is at work.</summary>
    public bool IsServing => loaded.Task.IsCompletedSuccessfully && failure is null;

    /// <summary>Why nothing can be written for good; null while that is not so.</summary>
    public string? Trouble => failure is { } cause ? $"the writer has stopped: {cause.GetType().Name}" : null;

    public int Waiting => requests.Reader.Count;

    /// <summary>Raised on the writer for every write that changed something, once that is durable: the changes, and how long the write took.</summary>
    public event Action<IReadOnlyList<Change>, TimeSpan>? Committed;

    /// <summary>
    /// Makes one atomic change and answers once it is durable. What <paramref name="change"/> throws comes back as it is,
    /// and nothing of the change remains.
    /// </summary>
    /// <exception cref="ApiException">429 when too many wait; 503 when the writer has stopped.</exception>
    public async Task<T> WriteAsync<T>(string actor, Func<Transaction, T> change, CancellationToken cancel, bool dryRun = false)
    {
        await Loaded.WaitAsync(cancel);
        var request = new Request<T>(actor, change, dryRun, time.GetTimestamp());
        if (failure is not null) throw Stopped();
        if (!requests.Writer.TryWrite(request)) throw failure is null ? Full() : Stopped();
        return await request.Answer.Task;
    }

    /// <summary>Reads everything, then writes until stopped. Ends with an exception when a commit fails.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        List<Request> group = [];
        metrics.Observe(this);
        try
        {
            await LoadAsync(cancel);
            while (await requests.Reader.WaitToReadAsync(cancel))
            {
                await WriteGroupAsync(group);
                group.Clear();
            }
        }
        catch (Exception e)
        {
            failure = e;
            loaded.TrySetException(Stopped());
            requests.Writer.TryComplete();
            foreach (var request in group) request.Fail(Stopped());
            while (requests.Reader.TryRead(out var waiting)) waiting.Fail(Stopped());
            if (e is not OperationCanceledException) throw;
        }
    }

    async Task LoadAsync(CancellationToken cancel)
    {
        var state = await storage.LoadAsync(cancel);
        var kinds = KindInfo.All.ToDictionary(static kind => kind.ToString(), StringComparer.Ordinal);
        working.Load(
            state.Rows.Where(row => kinds.ContainsKey(row.Kind))
                .Select(row => new StoredObject(kinds[row.Kind], ResourceJson.Read(row.Json, kinds[row.Kind].Type), row.Json, row.Revision)),
            Math.Max(state.Revision, 1));
        StoreEpoch = state.StoreEpoch;
        Changes.Start(working.Revision);
        published = working.ToSnapshot();
        loaded.SetResult();
    }

    async Task WriteGroupAsync(List<Request> group)
    {
        List<Change> changes = [];
        List<AuditRecord> audit = [];
        while (group.Count < GroupMax && requests.Reader.TryRead(out var request))
        {
            group.Add(request);
            var transaction = new Transaction(working, request.Actor, time.GetUtcNow());
            if (!request.Run(transaction)) transaction.Undo();
            else audit.AddRange(transaction.AuditRecords);
            changes.AddRange(transaction.Changes);
            request.Changes = transaction.Changes;
        }

        if (changes.Count > 0 || audit.Count > 0) await CommitAsync(new(working.Revision, [.. changes.Select(ToWrite)], audit), group);
        if (changes.Count > 0)
        {
            published = working.ToSnapshot();
            Changes.Publish(changes);
        }

        foreach (var request in group)
        {
            request.Succeed();
            Tell(request);
        }
    }

    async Task CommitAsync(CommitBatch batch, List<Request> group)
    {
        var began = time.GetTimestamp();
        try
        {
            await storage.CommitAsync(batch);
        }
        catch
        {
            metrics.CommitFailed();
            throw;
        }

        metrics.Committed(group.Count, time.GetElapsedTime(began));
    }

    void Tell(Request request)
    {
        var took = time.GetElapsedTime(request.AskedAt);
        metrics.Written(took);
        if (request.Changes.Count > 0) Committed?.Invoke(request.Changes, took);
    }

    ApiException Full()
    {
        metrics.QueueFull();
        return ApiErrors.TooManyRequests();
    }

    static ObjectWrite ToWrite(Change change) =>
        new(change.Latest.Kind.ToString(), change.Latest.Namespace, change.Latest.Name, change.Revision, change.After?.Json);

    static ApiException Stopped() => ApiErrors.Unavailable("the store has stopped; the outcome of this write is unknown");

    abstract class Request(string actor, long askedAt)
    {
        public string Actor { get; } = actor;

        /// <summary>When it entered the queue, on the monotonic clock.</summary>
        public long AskedAt { get; } = askedAt;

        /// <summary>What it changed, once it has run.</summary>
        public IReadOnlyList<Change> Changes { get; set; } = [];

        /// <summary>Whether what the transaction did shall stay.</summary>
        public abstract bool Run(Transaction transaction);

        public abstract void Succeed();

        public abstract void Fail(Exception e);
    }

    sealed class Request<T>(string actor, Func<Transaction, T> change, bool dryRun, long askedAt) : Request(actor, askedAt)
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
}
