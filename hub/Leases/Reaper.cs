using Federation.ApiServer;

namespace Federation.Hub;

/// <summary>Takes back offers that nobody confirmed, on a beat of its own and a bounded number at a time.</summary>
sealed class Reaper(ObjectStore store, LeaseDesk leases, TimeProvider time)
{
    static readonly TimeSpan Tick = TimeSpan.FromSeconds(30);

    const int BatchMax = 50;

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Tick, time);
        while (await timer.WaitForNextTickAsync(cancel)) await store.WriteAsync("hub", transaction => leases.Reap(transaction, BatchMax), cancel);
    }
}
