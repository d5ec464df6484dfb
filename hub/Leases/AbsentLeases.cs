using Federation.ApiServer;

namespace Federation.Hub;

/// <summary>
/// Finds leases that the hub has recorded and their edges do not know: an edge that was restored from a backup has them
/// too, so that by itself the hub only says so. It frees them with an operator's two flags, once their terms are certainly
/// over, one by one, each looked at once more in the transaction that frees it.
/// </summary>
sealed class AbsentLeases(ObjectStore store, LeaseDesk leases, AbsenceBook absences, HubMetrics metrics, HubOptions options)
{
    /// <summary>Handled in one pass; the rest follow in the next.</summary>
    const int BatchMax = 50;

    /// <summary>Takes an edge's full report in; nothing where nobody asked for it.</summary>
    public void Take(string edge, WholeReport report)
    {
        if (options.FindAbsentLeases) absences.Take(leases.InUse(edge), report);
    }

    /// <summary>One pass; answers how many leases it freed.</summary>
    public async Task<int> PassAsync(CancellationToken cancel)
    {
        var freed = 0;
        foreach (var (id, epoch) in await store.WriteOwnAsync("reaper", Candidates, cancel))
        {
            if (options is { FindAbsentLeases: true, FreeAbsentLeases: true } && await store.WriteOwnAsync("reaper", transaction => TryFree(transaction, id, epoch), cancel)) freed++;
        }

        return freed;
    }

    /// <summary>Says of each that it is absent, and forgets those that are gone.</summary>
    List<(string Id, long Epoch)> Candidates(Transaction transaction)
    {
        foreach (var (id, epoch) in absences.All)
        {
            if (leases.Find(id) is not { IsInUse: true } lease || lease.Epoch != epoch) absences.Forget(id);
            else leases.SayAbsent(transaction, id, epoch);
        }

        var found = absences.All;
        metrics.SeenAbsent(found.Count);
        return [.. found.Where(absence => absences.IsGone(absence.Id, absence.Epoch)).Take(BatchMax)];
    }

    bool TryFree(Transaction transaction, string id, long epoch)
    {
        if (!absences.IsGone(id, epoch) || leases.Find(id) is not { } lease) return false;
        var freed = leases.TryFreeAbsent(transaction, id, epoch);
        metrics.Reaped(lease, freed ? "reaped" : "refused");
        if (freed) absences.Forget(id);
        return freed;
    }
}
