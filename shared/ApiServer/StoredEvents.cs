using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Events into the store of this process, a batch in one transaction.</summary>
public sealed class StoredEvents(ObjectStore store) : IEventSink
{
    public async Task<bool> TryWriteAsync(IReadOnlyList<EventObject> events, CancellationToken cancel)
    {
        try
        {
            await store.WriteAsync("server", transaction => Write(transaction, events), cancel);
            return true;
        }
        catch (ApiException)
        {
            return false; // busy, or stopped: events are no reason to wait
        }
    }

    static int Write(Transaction transaction, IReadOnlyList<EventObject> events)
    {
        foreach (var happening in events)
        {
            if (transaction.Find<EventObject>(happening.Namespace, happening.Name) is { } earlier)
            {
                transaction.Put(happening with { Metadata = earlier.Metadata });
                continue;
            }

            EventRules.MakeRoom(transaction);
            transaction.Put(happening with { Metadata = happening.Metadata with { Uid = NewUid(transaction, happening), CreationTimestamp = transaction.Now.AddTicks(-(transaction.Now.Ticks % TimeSpan.TicksPerSecond)) } });
        }

        return events.Count;
    }

    static string NewUid(Transaction transaction, EventObject happening) => Domain.Plans.NameUuid.Of($"events/{happening.Namespace}/{happening.Name}/{transaction.NextRevision}").ToString();
}
