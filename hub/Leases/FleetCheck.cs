using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Looks at the fleet on a beat of its own: an edge that is not heard is reported, with its leases, and nothing is taken
/// from it; what edges say is used is added up; revoked blocks that an admin confirmed are freed once they may be.
/// </summary>
sealed class FleetCheck(ObjectStore store, EdgeDesk edges, LeaseDesk leases, UsageRollUp usage, TimeProvider time)
{
    static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            await store.WriteOwnAsync("hub", Pass, cancel);
            await usage.RefreshAsync(cancel);
        }
    }

    int Pass(Transaction transaction)
    {
        leases.SettleConfirmed(transaction);
        var silent = transaction.All<Edge>().Where(edges.IsToBeSilent).ToList();
        foreach (var edge in silent) edges.Miss(transaction, edge);
        return silent.Count;
    }
}
