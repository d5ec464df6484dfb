using Federation.ApiServer;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>What the hub does by itself, side by side: the store's writer, the upkeep, the reaper, the look at the fleet, the audit, the events.</summary>
sealed class HubLoops(ObjectStore store, IObjectStorage storage, Upkeep upkeep, Reaper reaper, FleetCheck check, Auditor auditor, FleetRecord fleet, HubEvents happenings, EventRecorder recorder, EventKeeping keeping)
{
    /// <summary>Works until cancelled; ends with an exception when any of it does, as when a commit fails.</summary>
    /// <param name="serving">Called once everything stored has been read.</param>
    public async Task RunAsync(Action serving, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var writing = store.RunAsync(end.Token);
        try
        {
            await store.Loaded;
            await fleet.EnsureAsync(cancel);
            serving();
            await await Task.WhenAny(writing, storage.Lost, upkeep.RunAsync(cancel), reaper.RunAsync(cancel), check.RunAsync(cancel), auditor.RunAsync(cancel),
                happenings.RunAsync(cancel), recorder.RunAsync(cancel), keeping.RunAsync(cancel));
        }
        catch (ApiException e) when (e.Status.Code is 503)
        {
            await writing; // it has stopped, or is about to, and says why
            throw;
        }
        finally
        {
            End(end);
            await Task.WhenAny(writing); // a commit that has begun ends before its storage is closed
        }
    }

    static void End(CancellationTokenSource writing) => writing.Cancel();
}
