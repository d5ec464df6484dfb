using Federation.ApiServer;
using Federation.Domain.Leases;

namespace Federation.Hub;

/// <summary>
/// Takes back offers that nobody confirmed: a bounded number a beat, each in a commit of its own that frees the block and
/// ends the record together. One that fails is tried again later each time, and holds nobody up.
/// </summary>
sealed class Reaper(ObjectStore store, LeaseDesk leases, AbsentLeases absent, HubMetrics metrics, TimeProvider time, ILogger<Reaper> log)
{
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    public const int BatchMax = 50;

    static readonly TimeSpan PauseMax = TimeSpan.FromHours(1);

    /// <summary>Leases that could not be taken back: how often, and when to try again.</summary>
    readonly Dictionary<string, (int Failures, DateTimeOffset NextAt)> poison = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(cancel)) await PassAsync(cancel);
    }

    /// <summary>One beat; answers how many leases it took back.</summary>
    public async Task<int> PassAsync(CancellationToken cancel)
    {
        var due = await store.WriteOwnAsync("reaper", See, cancel);
        var reaped = 0;
        foreach (var lease in due)
        {
            if (await TryReapAsync(lease, cancel)) reaped++;
        }

        return reaped + await absent.PassAsync(cancel);
    }

    /// <summary>What is to be taken back. What is stuck is said here too, so that it is said in the order it is seen.</summary>
    List<Lease> See(Transaction transaction)
    {
        metrics.Seen(leases.Stuck(transaction));
        return Due(transaction);
    }

    List<Lease> Due(Transaction transaction)
    {
        var reapable = leases.Reapable(transaction).ToList();
        foreach (var gone in poison.Keys.Except(reapable.Select(static lease => lease.Id)).ToList()) poison.Remove(gone);
        return [.. reapable.Where(lease => !poison.TryGetValue(lease.Id, out var failed) || failed.NextAt <= transaction.Now).Take(BatchMax)];
    }

    async Task<bool> TryReapAsync(Lease lease, CancellationToken cancel)
    {
        try
        {
            var reaped = await store.WriteOwnAsync("reaper", transaction => leases.TryReap(transaction, lease.Id), cancel);
            if (reaped) poison.Remove(lease.Id);
            else Postpone(lease.Id);
            metrics.Reaped(lease, reaped ? "reaped" : "refused");
            return reaped;
        }
        catch (ApiException e)
        {
            var (failures, pause) = Postpone(lease.Id);
            // Block and record go in one commit: either it was never begun, and the block stays taken, or nobody knows what became of both.
            metrics.Reaped(lease, e.Status.Code is 503 ? "delete_err" : "release_err");
            log.NotReaped(lease.Id, failures, pause, e);
            return false;
        }
    }

    /// <summary>One that could not be taken back waits, longer each time, and holds nobody up.</summary>
    (int Failures, TimeSpan Pause) Postpone(string id)
    {
        var failures = poison.TryGetValue(id, out var failed) ? failed.Failures + 1 : 1;
        var pause = TimeSpan.FromTicks(Math.Min(Tick.Ticks << Math.Min(failures, 10), PauseMax.Ticks));
        poison[id] = (failures, time.GetUtcNow() + pause);
        return (failures, pause);
    }
}
