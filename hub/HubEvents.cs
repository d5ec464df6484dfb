using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Tells people what was committed: never of what was undone, and without the writer waiting for it.</summary>
sealed class HubEvents(ObjectStore store, EventRecorder recorder)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        for (var seen = store.Changes.Last; ;)
        {
            await store.Changes.WaitAsync(seen, cancel);
            for (var last = store.Changes.Last; seen < last; seen++)
            {
                if (store.Changes.TryRead(seen + 1, out var change) && change.After is { } after) recorder.Record(change.Before?.Resource, after.Resource);
            }
        }
    }
}
