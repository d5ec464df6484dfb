using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Removes events an hour after they were last seen.</summary>
public sealed class EventKeeping(ObjectStore store, TimeProvider time)
{
    static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            if (store.Current.All<EventObject>().Any(IsOver)) await store.WriteAsync("server", RemoveOver, cancel);
        }
    }

    bool IsOver(EventObject happening) => happening.LastSeen() + KeptFor <= time.GetUtcNow();

    int RemoveOver(Transaction transaction)
    {
        var over = transaction.All<EventObject>().Where(IsOver).ToList();
        foreach (var happening in over) transaction.Remove(happening);
        return over.Count;
    }
}
