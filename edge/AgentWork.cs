using System.Diagnostics;
using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// What the agent does: copies of all objects first, then everything that exists is adopted, and only then the first new
/// block is given out. All of it runs on one thread.
/// </summary>
/// <param name="draw">Draws a number from 0 to 1, for the spread of waits.</param>
/// <param name="metrics">Null where nobody measures.</param>
sealed class AgentWork(EdgeOptions options, IKubernetesApi api, LeaseService.LeaseServiceClient hub, SiteIdentity site, IBootClock clock, TimeProvider time, Func<double> draw, ILoggerFactory logs, EdgeMetrics? metrics = null)
{
    static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(30);

    /// <summary>Claims whose answers may be on their way to the API server; what is taken for them is taken in their order all the same.</summary>
    const int ClaimsAtOnce = 16;

    /// <summary>When to ask again what will not change by itself.</summary>
    static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(10);

    readonly ILogger log = logs.CreateLogger<Agent>();

    /// <summary>Works until cancelled; ends with an exception when any part of it does.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var state = new AgentState(api, options, clock, time, draw, logs, metrics);
        var parts = new AgentParts(state, hub, site, logs);
        var (claims, poolClaims, session) = (parts.Claims, parts.PoolClaims, parts.Session);
        Connect(state, claims, poolClaims, session);
        state.Hub.Changed += () =>
        {
            parts.Pools.HubChanged();
            claims.WakeWaiting();
            poolClaims.Reconsider();
            poolClaims.HubChanged();
        };

        var copies = state.Copy(cancel);
        await state.SyncedAsync();
        claims.Open();
        metrics?.Standing.Adopted();
        log.Working(options.Name, options.Hub);
        Task[] work =
        [
            .. Enumerable.Range(0, ClaimsAtOnce).Select(_ => WorkAsync("IPClaim", state.Local, key => state.Traces.Begin(state.Claims.Get(key.Namespace, key.Name)), async key =>
            {
                await claims.ReconcileAsync(key, cancel);
                return null;
            }, cancel)),
            WorkAsync("IPPoolClaim", state.Remote, key => state.Traces.Begin(state.PoolClaims.Get(key.Namespace, key.Name)), key => poolClaims.ReconcileAsync(key, cancel), cancel),
            SweepAsync(parts, cancel),
            parts.Pools.RunAsync(cancel),
            new SpaceKeeper(state, parts.Supply, poolClaims).RunAsync(cancel),
            session.RunAsync(cancel),
            state.Events.RunAsync(cancel),
        ];
        if (metrics is not null) work = [.. work, metrics.Standing.BeatAsync(cancel)];
        await await Task.WhenAny([.. copies, .. work]);
    }

    /// <summary>What makes what be looked at.</summary>
    void Connect(AgentState state, ClaimReconciler claims, PoolClaimReconciler poolClaims, HubSession session)
    {
        state.Claims.OnChange((before, after) =>
        {
            if (after is not null) state.Local.Add(new(after.Namespace!, after.Name));
            if (before is not null && after?.Uid != before.Uid) gone.Enqueue(before.Uid);
            if (gone.Count > 0) wakeSweep.Raise();
        });
        state.PoolClaims.OnChange((before, after) =>
        {
            if (after is not null && IsToBeLookedAt(before, after)) state.Remote.Add(new(after.Namespace!, after.Name));
            if (before is not null && after is not null && !LeaseBook.EpochsOf(before).SequenceEqual(LeaseBook.EpochsOf(after))) session.Acknowledge();
            if (after?.Status?.Phase != before?.Status?.Phase || after is null || !ResourceJson.Same(before?.Status?.Conditions, after.Status?.Conditions)) claims.WakeWaiting();
        });
        state.Book.Displaced += claims.Displaced;
        state.Book.Found += claims.Found;
        state.Allocations.OnChange((before, after) =>
        {
            if (after is not null) claims.Told(after);
            if (after is not null && state.Book.Quarantine.Has(after.Name)) TellQuarantine();
            if (after is not null && after.Status?.Phase == before?.Status?.Phase) return;
            if (after is null) claims.Keep(before!);
            if (before is null) return;
            claims.WakeWaiting();
            if (before.Spec.PoolRef?.Name is { } pool) WakeHolder(state, pool);
        });
        state.Pools.OnChange((before, after) =>
        {
            if (before is not null && after is not null && before.Metadata.IsDeleting() == after.Metadata.IsDeleting() && ResourceJson.Same(before.Spec, after.Spec) && ResourceJson.Same(before.Metadata.Labels, after.Metadata.Labels)) return;
            claims.WakeWaiting();
            foreach (var kept in state.Book.Retained) claims.Found(kept);
            if (after is null || after.IsMirror()) poolClaims.Reconsider();
            if (after is null || after.Metadata.IsDeleting()) WakeClaimOf(state, (after ?? before)!);
        });
        session.MayLendMore += poolClaims.Reconsider;
        session.LeaseHeard += id =>
        {
            if (state.Leases.ClaimOf(id) is { } claim) state.Remote.Add(new(claim.Namespace!, claim.Name));
            claims.WakeWaiting();
        };
    }

    /// <summary>The agent's own reports are no reason to look again: a reconcile says itself when it wants to be called.</summary>
    static bool IsToBeLookedAt(IPPoolClaim? before, IPPoolClaim after) => before is null || before.Uid != after.Uid
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.IsDeleting() != after.Metadata.IsDeleting()
        || before.Metadata.Annotation(EdgeNames.PausedAnnotation) != after.Metadata.Annotation(EdgeNames.PausedAnnotation)
        || !(before.Metadata.Finalizers ?? []).SequenceEqual(after.Metadata.Finalizers ?? []);

    /// <summary>The pool claim whose block this is may wait for it to be empty.</summary>
    static void WakeHolder(AgentState state, string pool)
    {
        if (state.Book.Space(pool)?.Count(HoldKind.Allocation) is > 0) return;
        if (state.Book.Pool(pool) is { } child) WakeClaimOf(state, child);
    }

    static void WakeClaimOf(AgentState state, IPPool child)
    {
        if (state.Leases.Claim(child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) ?? "") is { } claim) state.Remote.Add(new(claim.Namespace!, claim.Name));
    }

    readonly Queue<string> gone = new();
    readonly Signal wakeSweep = new();

    /// <summary>Whether something in quarantine has changed since it was last reported.</summary>
    bool hasQuarantineNews;

    /// <summary>Looks at one object after the other; what fails is looked at again, at the pace its failure asks for.</summary>
    async Task WorkAsync(string kind, WorkQueue<WorkKey> queue, Func<WorkKey, Activity?> begin, Func<WorkKey, Task<TimeSpan?>> look, CancellationToken cancel)
    {
        while (true)
        {
            var key = await queue.TakeAsync(cancel);
            var began = time.GetTimestamp();
            using var span = begin(key);
            Exception? failure = null;
            try
            {
                var again = await look(key);
                queue.Forget(key);
                if (again is { } delay) queue.AddAfter(key, delay);
            }
            catch (Exception e) when (e is KubernetesApiException or HttpRequestException or HubDelayException)
            {
                failure = e;
                span?.SetStatus(ActivityStatusCode.Error);
                TryAgain(kind, queue, key, e);
            }

            metrics?.Looked(kind, time.GetElapsedTime(began), failure);
            queue.Done(key);
        }
    }

    void TryAgain(string kind, WorkQueue<WorkKey> queue, WorkKey key, Exception why)
    {
        if (why is not (KubernetesApiException { IsConflict: true } or HubDelayException)) log.TriedAgain(kind, $"{key.Namespace}/{key.Name}", why);
        if (why is HubDelayException { Why: { Pace: RetryPace.Slow } or { After: not null } } delayed) queue.AddAfter(key, delayed.Why.After ?? SlowPace);
        else queue.Retry(key);
    }

    /// <summary>Frees what claims left behind: at once those seen to go, and now and then all that seem to have none.</summary>
    async Task SweepAsync(AgentParts parts, CancellationToken cancel)
    {
        while (true)
        {
            List<string> suspects = [.. gone.Count > 0 ? gone : parts.Sweep.Suspects()];
            gone.Clear();
            foreach (var uid in suspects)
            {
                await TryAsync("IPAllocation", uid, () => parts.Sweep.FreeAsync(uid, cancel));
            }

            await TryAsync("IPAllocation", "not told of", () => parts.Claims.FindUntoldAsync(cancel));
            hasQuarantineNews = false;
            await TryAsync("IPAllocation", "in quarantine", () => parts.Quarantine.SayAsync(cancel));
            await parts.Supply.DropUnneededAsync(parts.Claims.IsAwaited, cancel);
            var (rested, next) = parts.Sweep.Rests();
            foreach (var block in rested) await TryAsync("IPAllocation", block.Name, () => parts.Sweep.WakeAsync(block, cancel));
            await wakeSweep.WaitAsync(() => gone.Count > 0 || hasQuarantineNews, next < SweepEvery ? next.Value : SweepEvery, time, cancel);
        }
    }

    void TellQuarantine()
    {
        hasQuarantineNews = true;
        wakeSweep.Raise();
    }

    /// <summary>What cannot be done at present is done at the next sweep.</summary>
    async Task TryAsync(string kind, string what, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
        {
            if (e is not KubernetesApiException { IsConflict: true }) log.TriedAgain(kind, what, e);
        }
    }
}
