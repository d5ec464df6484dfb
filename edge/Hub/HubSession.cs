using Federation.Domain.Addressing;
using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Rpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Federation.Edge;

/// <summary>
/// The edge's standing with its hub: registers, keeps the watch open, reports. While the hub is away it keeps trying, and
/// nothing local waits for it.
/// </summary>
sealed class HubSession(AgentState state, LeaseService.LeaseServiceClient hub, SiteIdentity site, PoolCatalogue catalogue, ILogger<HubSession> log)
{
    static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(10);
    static readonly TimeSpan FencedPause = TimeSpan.FromMinutes(1);

    /// <summary>Nothing for longer than this, and the watch counts as dead; the hub says something every 15 s.</summary>
    static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(45);

    /// <summary>Names the site at the hub; empty until it is known.</summary>
    public string Incarnation { get; private set; } = "";

    /// <summary>Null while the hub answers; else what stands in the way.</summary>
    public HubReason? Trouble { get; private set; }

    /// <summary>Raised when the hub is back, and when a pool may have more to lend.</summary>
    public event Action? MayLendMore;

    public async Task RunAsync(CancellationToken cancel)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                if (Incarnation.Length == 0) Incarnation = await site.ReadAsync(cancel);
                var registered = await hub.RegisterAsync(Registration(), cancellationToken: cancel);
                log.Registered(state.Options.Name, registered.Leases.Count);
                Trouble = null;
                failures = 0;
                MayLendMore?.Invoke();
                using var session = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                await await Task.WhenAny(WatchAsync(session.Token), ReportAsync(registered.HeartbeatInterval.ToTimeSpan(), session.Token));
                await session.CancelAsync();
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or KubernetesApiException or HttpRequestException && !cancel.IsCancellationRequested)
            {
                Trouble = HubReasons.Of(HubFailure.From(e));
                if (failures++ == 0) log.HubLost(Trouble.Reason, Trouble.Message);
            }

            cancel.ThrowIfCancellationRequested();
            await Task.Delay(Trouble?.Reason is Domain.Conditions.Reasons.EdgeFenced ? FencedPause : Backoff(failures), state.Time, cancel);
        }
    }

    RegisterRequest Registration() => new() { Edge = state.Options.Name, Incarnation = Incarnation, AgentVersion = EdgeOptions.Version };

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
                MayLendMore?.Invoke();
                break;
            case WatchEvent.EventOneofCase.PoolChanged:
                await catalogue.TakeAsync(news.PoolChanged.Pool, cancel);
                break;
            case WatchEvent.EventOneofCase.PoolRemoved:
                await catalogue.RemoveAsync(news.PoolRemoved.Name, cancel);
                break;
            case WatchEvent.EventOneofCase.CapacityFreed:
                MayLendMore?.Invoke();
                break;
        }
    }

    async Task ReportAsync(TimeSpan interval, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(interval, state.Time);
        do
        {
            await hub.RenewLeasesAsync(Renewal(), cancellationToken: cancel);
        }
        while (await timer.WaitForNextTickAsync(cancel));
    }

    RenewLeasesRequest Renewal()
    {
        var request = new RenewLeasesRequest { Edge = state.Options.Name, Incarnation = Incarnation };
        foreach (var claim in state.PoolClaims.Items.Where(static claim => claim.Status?.Lease is { Confirmed: true }))
        {
            var lease = claim.Status!.Lease!;
            request.Leases.Add(new LeaseRenewal { LeaseId = lease.Id, Epoch = lease.Epoch ?? 0, Usage = UsageOf(claim.Status.BoundPoolName) });
        }

        return request;
    }

    Usage UsageOf(string? pool)
    {
        if (pool is null || state.Book.Space(pool) is not { } space) return new() { Total = "0", Allocated = "0" };
        return new()
        {
            Total = space.Root.Count.ToString(),
            Allocated = space.Sum(HoldKind.Allocation).ToString(),
            ObservedAt = Timestamp.FromDateTimeOffset(state.Time.GetUtcNow()),
            BoundClaims = space.Count(HoldKind.Allocation),
        };
    }

    TimeSpan Backoff(int failures)
    {
        var delay = Math.Min(BackoffFirst.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 20)), BackoffMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Min(delay * (0.9 + (0.2 * state.Draw())), BackoffMax.TotalMilliseconds));
    }
}
