using System.Threading.Channels;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.ApiServer;

/// <summary>What a store takes on at most.</summary>
/// <param name="Queue">Writes that may wait for the writer; more are refused with "try again".</param>
public sealed record StoreLimits(int Queue = ObjectStore.QueueMax);

/// <summary>
/// All objects of one API server, and the only place they change. One writer takes requests in order; each is an atomic
/// transaction; a group of them is committed at once and answered after the commit. Readers see committed state only,
/// from immutable snapshots.
/// </summary>
/// <remarks>
/// A commit that fails has an unknown outcome. Nothing is assumed: the writer stops, everybody waiting is told that the
/// outcome is unknown, and the process is expected to end and read again what is stored.
/// </remarks>
public sealed class ObjectStore(IObjectStorage storage, IEnumerable<IChangeObserver> observers, TimeProvider time, ApiMetrics metrics, StoreLimits? limits = null)
{
    /// <summary>See <see cref="StoreLimits"/>; where nothing else is said.</summary>
    public const int QueueMax = 8192;

    /// <summary>So long a request waits for everything stored to be read.</summary>
    static readonly TimeSpan LoadedWithin = TimeSpan.FromSeconds(5);

    /// <summary>Changes a watch may lie behind.</summary>
    const int LogMax = 131_072;

    /// <summary>Objects just written, or looked at by a write, that are kept as more than their bytes.</summary>
    const int FreshMax = 1024;

    readonly Channel<WriteRequest> requests = Channel.CreateBounded<WriteRequest>(new BoundedChannelOptions((limits ?? new()).Queue) { SingleReader = true });
    readonly WorkingState working = new([.. observers]);
    readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Queue<StoredObject> fresh = new(FreshMax);
    WriteGroup open = new([]);
    Task committing = Task.CompletedTask;
    Task news = Task.CompletedTask;
    volatile Snapshot published = Snapshot.None;
    volatile Exception? failure;

    public Snapshot Current => published;

    public ChangeLog Changes { get; } = new(LogMax);

    /// <summary>Names this store's history; see <see cref="StoredState"/>.</summary>
    public string StoreEpoch { get; private set; } = "";

    /// <summary>Completes when everything stored has been read; nothing is answered before.</summary>
    public Task Loaded => loaded.Task;

    /// <summary>Why another process is to be asked for now; null when this one answers.</summary>
    public string? Standby => loaded.Task.IsCompleted ? null : storage.Standby;

    /// <summary>Whether the writer is at work.</summary>
    public bool IsServing => loaded.Task.IsCompletedSuccessfully && failure is null;

    /// <summary>Why nothing can be written for good; null while that is not so.</summary>
    public string? Trouble => failure is { } cause ? $"the writer has stopped: {cause.GetType().Name}" : null;

    public int Waiting => requests.Reader.Count;

    /// <summary>Raised for every change once it is durable, one after the other, with how long the write took that made it.</summary>
    public event Action<Change, TimeSpan>? Committed;

    /// <summary>Completes when everything stored has been read, for a request: it waits a moment for that, and not at all for another process to end.</summary>
    /// <exception cref="ApiException">503: to be asked again.</exception>
    public async ValueTask ReadyAsync(CancellationToken cancel)
    {
        if (loaded.Task.IsCompletedSuccessfully) return;
        if (Standby is { } why) throw ApiErrors.NotReady($"this server stands by: {why}");
        try
        {
            await loaded.Task.WaitAsync(LoadedWithin, time, cancel);
        }
        catch (TimeoutException)
        {
            throw ApiErrors.NotReady("not everything stored has been read yet");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw ApiErrors.NotReady("this server is stopping");
        }
    }

    /// <summary>
    /// Makes one atomic change and answers once it is durable. What <paramref name="change"/> throws comes back as it is,
    /// and nothing of the change remains.
    /// </summary>
    /// <exception cref="ApiException">429 when too many wait; 503 before everything is read, and when the writer has stopped.</exception>
    public async Task<T> WriteAsync<T>(string actor, Func<Transaction, T> change, CancellationToken cancel, bool dryRun = false)
    {
        await ReadyAsync(cancel);
        using var span = TraceSources.Api.StartActivity("store write");
        var request = new WriteRequest<T>(actor, change, dryRun, time.GetTimestamp()) { Trace = span?.Context ?? default };
        if (failure is not null) throw Stopped();
        if (!requests.Writer.TryWrite(request)) throw failure is null ? Full() : Stopped();
        return await request.Answer.Task;
    }

    /// <summary>The same for what the process itself has to write: it waits for room in the queue and is never refused.</summary>
    public async Task<T> WriteOwnAsync<T>(string actor, Func<Transaction, T> change, CancellationToken cancel)
    {
        await Loaded.WaitAsync(cancel);
        var request = new WriteRequest<T>(actor, change, dryRun: false, time.GetTimestamp());
        try
        {
            await requests.Writer.WriteAsync(request, cancel);
            return await request.Answer.Task;
        }
        catch (Exception e) when (e is ChannelClosedException or ApiException && cancel.IsCancellationRequested && failure is OperationCanceledException)
        {
            throw new OperationCanceledException(cancel); // asked to stop, and not for a failure
        }
        catch (ChannelClosedException)
        {
            throw Stopped();
        }
    }

    /// <summary>Reads everything, then writes until stopped. Ends with an exception when a commit fails.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        metrics.Observe(this);
        try
        {
            await storage.LeadAsync(cancel);
            await LoadAsync(cancel);
            await WriteAsync(cancel);
        }
        catch (Exception e)
        {
            failure = e;
            if (e is OperationCanceledException) loaded.TrySetCanceled(cancel);
            else loaded.TrySetException(Stopped());
            requests.Writer.TryComplete();
            await Task.WhenAny(committing);
            open.Fail(Stopped());
            while (requests.Reader.TryRead(out var waiting)) waiting.Fail(Stopped());
            if (e is not OperationCanceledException) throw;
        }
    }

    /// <summary>While one group is committed the next is computed; it is committed as soon as the one before it is.</summary>
    async Task WriteAsync(CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            while (!open.IsFull && requests.Reader.TryRead(out var request)) open.Run(request, working, time.GetUtcNow());
            if (!committing.IsCompleted)
            {
                await (open.IsFull ? Task.WhenAny(committing) : Task.WhenAny(committing, NewsAsync(cancel)));
                continue;
            }

            await committing;
            if (open.IsEmpty)
            {
                await NewsAsync(cancel);
                continue;
            }

            committing = CommitAsync(open, working.Revision, working.ToSnapshot());
            open = new(open.ChangesNothing ? open.Adopted : []);
        }
    }

    /// <summary>Completes when a request waits. One task for as long as none does.</summary>
    Task NewsAsync(CancellationToken cancel) => news.IsCompleted ? news = WaitAsync(cancel) : news;

    async Task WaitAsync(CancellationToken cancel) => await requests.Reader.WaitToReadAsync(cancel);

    async Task LoadAsync(CancellationToken cancel)
    {
        var state = await storage.LoadAsync(cancel);
        var kinds = KindInfo.Served.ToDictionary(static kind => kind.ToString(), StringComparer.Ordinal);
        working.Load(
            state.Rows.Where(row => kinds.ContainsKey(row.Kind))
                .Select(row => StoredObject.Of(kinds[row.Kind], row)),
            Math.Max(state.Revision, 1));
        EnsureNamespaces();
        StoreEpoch = state.StoreEpoch;
        Changes.Start(working.Revision);
        published = working.ToSnapshot();
        loaded.SetResult();
    }

    /// <summary>The default namespace, and those of objects that were stored before there were any; stored with the first change.</summary>
    void EnsureNamespaces()
    {
        List<Change> adopted = [];
        var transaction = new Transaction(working, "server", time.GetUtcNow(), adopted, [], []);
        transaction.EnsureNamespace(NamespaceObject.DefaultName);
        foreach (var kind in KindInfo.Served.Where(static kind => kind.IsNamespaced))
        {
            foreach (var stored in working.All(kind)) transaction.EnsureNamespace(stored.Namespace);
        }

        open = new(adopted);
    }

    /// <summary>Makes a group durable, then visible, then answers it.</summary>
    async Task CommitAsync(WriteGroup group, long revision, Snapshot after)
    {
        try
        {
            if (!group.ChangesNothing) await CommitAsync(group.ToBatch(revision), group.Requests);
        }
        catch (Exception)
        {
            group.Fail(Stopped());
            throw;
        }

        if (group.Changes.Count > 0)
        {
            published = after;
            Changes.Publish(group.Changes);
        }

        foreach (var request in group.Requests) request.Succeed();
        Tell(group);
        Rest(group);
    }

    /// <summary>Who is told of a change looks at it soon, or not at all.</summary>
    void Rest(WriteGroup group)
    {
        foreach (var woken in group.Woken) fresh.Enqueue(woken);
        foreach (var change in group.Changes)
        {
            if (change.After is { } after) fresh.Enqueue(after);
        }

        while (fresh.Count > FreshMax) fresh.Dequeue().Rest();
    }

    async Task CommitAsync(CommitBatch batch, List<WriteRequest> requests)
    {
        var began = time.GetTimestamp();
        using var span = StoreTraces.Commit(requests.Select(static request => request.Trace), requests.Count, batch);
        try
        {
            await storage.CommitAsync(batch);
        }
        catch
        {
            metrics.CommitFailed();
            throw;
        }

        metrics.Committed(requests.Count, time.GetElapsedTime(began));
    }

    void Tell(WriteGroup group)
    {
        var told = 0;
        foreach (var request in group.Requests)
        {
            var took = time.GetElapsedTime(request.AskedAt);
            metrics.Written(took);
            for (; told < request.ChangesEnd; told++) Committed?.Invoke(group.Changes[told], took);
        }
    }

    ApiException Full()
    {
        metrics.QueueFull();
        return ApiErrors.TooManyRequests();
    }

    static ApiException Stopped() => ApiErrors.Unavailable("the store has stopped; the outcome of this write is unknown");
}
