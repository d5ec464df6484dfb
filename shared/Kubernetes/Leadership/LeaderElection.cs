using System.Text.Json;
using Federation.Resources;
using Microsoft.Extensions.Logging;

namespace Federation.Kubernetes;

/// <summary>Which lock to hold, as whom, and how hard to hold on.</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>Null for the connection's namespace.</summary>
    public string? Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>Who we are; no other process may ever say the same.</summary>
    public required string Identity { get; init; }

    /// <summary>How long after our last renewal others leave the lock alone. Whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after our last renewal we go on leading. Shorter than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long between two tries to take or renew the lock.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Lets one of several processes act at a time, by a lock in the cluster. For liveness only: clocks that run at different speeds
/// and long pauses can make two leaders, so what they write must be safe without this.
/// </summary>
/// <remarks>Counts time on the monotonic clock; the times in the lock are for people.</remarks>
public sealed class LeaderElection(IKubernetesApi api, LeaderElectionOptions options, TimeProvider time, Func<double> draw, ILogger<LeaderElection> log)
{
    static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(5);

    volatile LeaseLock? seen;
    long seenAt;
    volatile bool isLeader;

    public bool IsLeader => isLeader;

    /// <summary>Who holds the lock, as far as we have seen; null before we have.</summary>
    public string? Holder => seen?.Spec.HolderIdentity;

    /// <summary>
    /// Runs <paramref name="lead"/> whenever the lock is ours, until it ends by itself or <paramref name="cancel"/> is called. Its
    /// token is cancelled when the lock is lost; then the wait for the lock begins again. The lock is given back at the end.
    /// </summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancel)
    {
        while (true)
        {
            var renewedAt = await AcquireAsync(cancel);
            log.Leading(options.Identity, options.Name);
            if (await LeadAsync(lead, renewedAt, cancel)) return;
            log.NoLongerLeading(options.Identity, options.Name);
        }
    }

    /// <summary>Answers the moment, on the monotonic clock, from which the lock is ours.</summary>
    async Task<long> AcquireAsync(CancellationToken cancel)
    {
        while (true)
        {
            var at = time.GetTimestamp();
            if (await TryAsync(TryTakeAsync, cancel)) return at;
            await PauseAsync(cancel);
        }
    }

    /// <summary>Whether the work ended by itself, and not because the lock was lost.</summary>
    async Task<bool> LeadAsync(Func<CancellationToken, Task> lead, long renewedAt, CancellationToken cancel)
    {
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        isLeader = true;
        var work = lead(term.Token);
        var holding = HoldAsync(renewedAt, term.Token);
        await Task.WhenAny(work, holding);
        var finished = work.IsCompleted && !term.IsCancellationRequested;
        isLeader = false;
        term.Cancel();
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (!finished)
        {
            // The work stopped, as it was asked to.
        }
        finally
        {
            await holding;
            await ReleaseAsync();
        }

        cancel.ThrowIfCancellationRequested();
        return finished;
    }

    /// <summary>Renews the lock until that has not been possible for too long, somebody else has it, or we stop.</summary>
    async Task HoldAsync(long renewedAt, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await PauseAsync(cancel);
                var left = options.RenewDeadline - time.GetElapsedTime(renewedAt);
                if (left <= TimeSpan.Zero) return;

                using var deadline = new CancellationTokenSource(left, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
                var at = time.GetTimestamp();
                if (await TryAsync(TryTakeAsync, either.Token)) renewedAt = at;
                else if (seen is { } other && !IsFreeOrOurs(other)) return;
            }
        }
        catch (OperationCanceledException)
        {
            // The deadline has passed, or we stop: either way it is over.
        }
    }

    /// <summary>Takes or renews the lock where we may.</summary>
    async Task<bool> TryTakeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (await api.GetAsync<LeaseLock>(options.Namespace, options.Name, cancel) is not { } held)
        {
            var metadata = new ObjectMeta { Namespace = options.Namespace, Name = options.Name };
            seen = await api.CreateAsync(new LeaseLock { Metadata = metadata, Spec = Ours(now, now, transitions: 0) }, dryRun: false, cancel);
            return true;
        }

        if (seen?.Metadata.ResourceVersion != held.Metadata.ResourceVersion) (seen, seenAt) = (held, time.GetTimestamp());
        var ours = held.Spec.HolderIdentity == options.Identity;
        var lasts = held.Spec.LeaseDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.LeaseDuration;
        if (!IsFreeOrOurs(held) && time.GetElapsedTime(seenAt) < lasts) return false;

        var transitions = held.Spec.LeaseTransitions ?? 0;
        var spec = ours ? Ours(held.Spec.AcquireTime ?? now, now, transitions) : Ours(now, now, transitions + 1);
        seen = await api.ReplaceAsync(held with { Spec = spec }, cancel);
        return true;
    }

    bool IsFreeOrOurs(LeaseLock held) => held.Spec.HolderIdentity is not { Length: > 0 } holder || holder == options.Identity;

    LeaseLockSpec Ours(DateTimeOffset acquired, DateTimeOffset renewed, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = renewed,
        LeaseTransitions = transitions,
    };

    /// <summary>Gives the lock back, so that the next one need not wait for its end. Whoever took it meanwhile keeps it.</summary>
    async Task ReleaseAsync()
    {
        if (seen is not { } held || held.Spec.HolderIdentity != options.Identity) return;

        using var limit = new CancellationTokenSource(ReleaseWithin, time);
        var free = held with { Spec = held.Spec with { HolderIdentity = "", RenewTime = time.GetUtcNow() } };
        try
        {
            await TryAsync(async cancel => await api.ReplaceAsync(free, cancel) is not null, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The server does not answer in time; the lock ends by itself.
        }

        seen = null;
    }

    /// <summary>False where the server refused or did not answer: then there is a next time.</summary>
    async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> act, CancellationToken cancel)
    {
        try
        {
            return await act(cancel);
        }
        catch (KubernetesApiException e)
        {
            if (!e.IsConflict && !e.IsAlreadyExists) log.LockRefused(options.Name, e.Code, e.Status.Reason, e.Status.Message);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            log.LockOutOfReach(e, options.Name);
        }

        return false;
    }

    Task PauseAsync(CancellationToken cancel) => Task.Delay(options.RetryPeriod * (0.9 + 0.2 * draw()), time, cancel);
}
