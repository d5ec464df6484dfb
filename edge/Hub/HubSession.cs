using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Rpc;
using Grpc.Core;

namespace Federation.Edge;

/// <summary>
/// The edge's standing with its hub: registers, keeps the watch open, renews and reports. While the hub is away it keeps
/// trying, and nothing local waits for it.
/// </summary>
sealed class HubSession(AgentState state, LeaseService.LeaseServiceClient hub, SiteIdentity site, PoolCatalogue catalogue, LeaseReport report, InventoryReport inventory, ILogger<HubSession> log)
{
    static readonly TimeSpan FencedPause = TimeSpan.FromMinutes(1);

    /// <summary>Nothing for longer than this, and the watch counts as dead; the hub says something every 15 s.</summary>
    static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(45);

    static readonly Backoff Pause = new();

    readonly Signal wake = new();

    /// <summary>Whether there is something the hub waits to hear.</summary>
    bool isAwaited;

    /// <summary>The hub's last mark: what is reported from here on is not older.</summary>
    string mark = "";

    readonly Signal wakeInventory = new();

    /// <summary>The id of the inventory the hub would like to have; null when it would not.</summary>
    string? inventoryWanted;

    /// <summary>Names the site at the hub; empty until it is known.</summary>
    public string Incarnation { get; private set; } = "";

    /// <summary>Raised when the hub is back, and when a pool may have more to lend.</summary>
    public event Action? MayLendMore;

    /// <summary>Raised when the hub said something of a lease that is to be written down.</summary>
    public event Action<string>? LeaseHeard;

    public async Task RunAsync(CancellationToken cancel)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                if (Incarnation.Length == 0) Incarnation = await site.ReadAsync(cancel);
                var registered = await hub.RegisterAsync(Registration(), cancellationToken: cancel);
                mark = registered.Mark;
                log.Registered(state.Options.Name, registered.Leases.Count);
                (failures, state.Leases.IsFenced) = (0, false);
                state.Hub.Meet(null);
                MayLendMore?.Invoke();
                await ConverseAsync(HubAnswers.Interval(registered), cancel);
            }
            catch (RpcException) when (cancel.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancel); // a call that we ended is no word from the hub
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or KubernetesApiException or HttpRequestException && !cancel.IsCancellationRequested)
            {
                // Only a call to the hub says something of the hub: the local API fails by itself.
                var trouble = e is RpcException ? HubReasons.Of(HubFailure.From(e)) : null;
                state.Leases.IsFenced = trouble?.Reason is Reasons.EdgeFenced;
                if (trouble is { ChangesNothing: false }) state.Hub.Meet(trouble);
                if (trouble is not null) state.Metrics?.HubLost(trouble.Reason);
                if (failures++ == 0 && trouble is not null) log.HubLost(trouble.Reason, trouble.Message);
            }

            cancel.ThrowIfCancellationRequested();
            await Task.Delay(state.Leases.IsFenced ? FencedPause : Pause.Delay(Math.Max(failures, 1), state.Draw()), state.Time, cancel);
        }
    }

    /// <summary>Listens and reports until one of both fails or ends; then the others end too, before the next session begins.</summary>
    async Task ConverseAsync(TimeSpan heartbeat, CancellationToken cancel)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task[] parts = [WatchAsync(session.Token), ReportAsync(heartbeat, session.Token), InventoryAsync(session.Token)];
        try
        {
            await await Task.WhenAny(parts);
        }
        finally
        {
            End(session);
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>On the agent's own thread: the asynchronous way leaves it.</summary>
    static void End(CancellationTokenSource session) => session.Cancel();

    RegisterRequest Registration()
    {
        var request = new RegisterRequest { Edge = state.Options.Name, Incarnation = Incarnation, AgentVersion = EdgeOptions.Version };
        request.LocalCidrs.AddRange(state.Options.LocalCidrs.Select(static block => block.ToString()));
        return request;
    }

    async Task WatchAsync(CancellationToken cancel)
    {
        using var silence = new CancellationTokenSource(SilenceMax, state.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancel);
        using var call = hub.Watch(new() { Edge = state.Options.Name, Incarnation = Incarnation }, cancellationToken: either.Token);
        while (await call.ResponseStream.MoveNext(either.Token))
        {
            silence.CancelAfter(SilenceMax);
            await TakeAsync(call.ResponseStream.Current, cancel);
        }
    }

    async Task TakeAsync(WatchEvent news, CancellationToken cancel)
    {
        switch (news.EventCase)
        {
            case WatchEvent.EventOneofCase.Catalogue:
                await catalogue.TakeAllAsync(news.Catalogue.Pools, cancel);
                state.Hub.TellPools();
                MayLendMore?.Invoke();
                break;
            case WatchEvent.EventOneofCase.PoolChanged:
                await catalogue.TakeAsync(news.PoolChanged.Pool, cancel);
                break;
            case WatchEvent.EventOneofCase.PoolRemoved:
                await catalogue.RemoveAsync(news.PoolRemoved.Name, cancel);
                break;
            case WatchEvent.EventOneofCase.CapacityFreed or WatchEvent.EventOneofCase.EdgeSettings:
                MayLendMore?.Invoke();
                break;
            case WatchEvent.EventOneofCase.Drain when news.Drain.TargetCase is Drain.TargetOneofCase.LeaseId:
                Hear(news.Drain.LeaseId, new(Draining: true));
                break;
            case WatchEvent.EventOneofCase.InventoryWanted:
                inventoryWanted = news.InventoryWanted.ReportId;
                wakeInventory.Raise();
                break;
            case WatchEvent.EventOneofCase.Revoke:
                Hear(news.Revoke.LeaseId, new(Frozen: Reasons.LeaseRevoked, Epoch: news.Revoke.Epoch));
                break;
        }
    }

    /// <summary>Renews what is due and says what is used, at least as often as the hub wants to hear; all of it first.</summary>
    async Task ReportAsync(TimeSpan interval, CancellationToken cancel)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            isAwaited = false;
            foreach (var request in await report.RequestsAsync(Incarnation, mark, renewAll: isFirst, cancel))
            {
                var sentAt = state.Clock.Read();
                var answer = await hub.RenewLeasesAsync(request, cancellationToken: cancel);
                mark = answer.Mark;
                foreach (var (id, news) in LeaseReport.Heard(request, answer, sentAt)) Hear(id, news);
            }

            await wake.WaitAsync(() => isAwaited, interval, state.Time, cancel);
        }
    }

    /// <summary>Sends what is allocated whenever the hub asks. What becomes of it is the hub's affair: it asks again.</summary>
    async Task InventoryAsync(CancellationToken cancel)
    {
        while (true)
        {
            await wakeInventory.WaitAsync(() => inventoryWanted is not null, Timeout.InfiniteTimeSpan, state.Time, cancel);
            var reportId = inventoryWanted!;
            inventoryWanted = null;
            try
            {
                using var call = hub.ReportInventory(cancellationToken: cancel);
                foreach (var chunk in inventory.Chunks(Incarnation, reportId)) await call.RequestStream.WriteAsync(chunk, cancel);
                await call.RequestStream.CompleteAsync();
                await call.ResponseAsync;
            }
            catch (RpcException e) when (!cancel.IsCancellationRequested)
            {
                log.InventoryRefused(e.StatusCode.ToString());
            }
        }
    }

    /// <summary>A lease's new epoch is written down: that is what the hub waits to hear back. Not before, for the edge must know it after a crash.</summary>
    public void Acknowledge()
    {
        isAwaited = true;
        wake.Raise();
    }

    /// <summary>It counts at once, and is written down with the claim's next look.</summary>
    void Hear(string leaseId, LeaseNews news)
    {
        if (state.Leases.Hear(leaseId, news)) LeaseHeard?.Invoke(leaseId);
    }
}
