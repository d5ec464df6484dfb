using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// What follows from changes without anybody asking: waiting objects get space that appeared, oldest first; pools report
/// what they hold; blocks that rested are free again; drained child pools go. Each round is one transaction.
/// </summary>
sealed class Upkeep(ObjectStore store, AddressBook book, ClaimDesk claims, PoolDesk pools, EdgeDesk edges, FleetRecord fleet, RecoveryDesk recovery, HubMetrics metrics, LeaseTerms terms, TimeProvider time)
{
    const string Actor = "hub";

    /// <summary>Waiting objects answered anew in one round; the rest follow in the next.</summary>
    const int RoundMax = 2048;

    /// <summary>Between two rounds: under load one report of a pool stands for many changes.</summary>
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    static readonly TimeSpan RestMax = TimeSpan.FromHours(1);

    /// <summary>When to tell that leases are used more or less; null while there is nothing of the kind to tell.</summary>
    DateTimeOffset? usageDue;

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            var seen = store.Changes.Last;
            var began = time.GetTimestamp();
            var (due, waiting) = await store.WriteOwnAsync(Actor, transaction => (Round(transaction), book.Waiters.Count), cancel);
            metrics.KeptUp(time.GetElapsedTime(began), waiting);
            await WaitAsync(seen, due, cancel);
            await Task.Delay(Beat, time, cancel);
        }
    }

    async Task WaitAsync(long seen, DateTimeOffset? due, CancellationToken cancel)
    {
        var rest = due is { } at ? at - time.GetUtcNow() : RestMax;
        if (rest > TimeSpan.Zero) await store.Changes.WaitAsync(seen, rest < RestMax ? rest : RestMax, time, cancel);
    }

    /// <summary>Answers when the next round is due at the latest.</summary>
    internal DateTimeOffset? Round(Transaction transaction)
    {
        foreach (var (plural, name) in book.Rested(transaction.Now).ToList())
        {
            transaction.Remove(Resting(transaction, plural, name));
        }

        foreach (var (plural, name, due) in book.RestingTooLong(transaction.Now, terms.ReuseDelay).ToList())
        {
            transaction.Put(Resting(transaction, plural, name) switch
            {
                IPAllocation allocation => allocation with { Status = allocation.Status! with { ReusableAt = due } },
                IPLease lease => (Resource)(lease with { Status = lease.Status! with { ReusableAt = due } }),
                var other => throw new System.Diagnostics.UnreachableException($"{other.Kind} does not rest"),
            });
        }

        var budget = RoundMax;
        List<string> touched = [.. book.Touched];
        foreach (var name in touched)
        {
            book.Touched.Remove(name);
            if (!ServeWaiters(transaction, name, ref budget)) book.Touched.Add(name);
        }

        TellUsage(transaction.Now);
        foreach (var name in touched.Union(book.Touched).Union(book.Untold).Union(book.Tree.Pools.Touched).ToList()) Refresh(transaction, name);
        foreach (var name in book.Tree.Edges.Touched.ToList()) edges.Refresh(transaction, name);
        if (book.IsRecoveryTouched) recovery.Refresh(transaction);
        if (book.Fleet.IsTouched) fleet.Refresh(transaction);
        (book.IsRecoveryTouched, book.Fleet.IsTouched) = (false, false);
        return budget <= 0 ? transaction.Now : Earlier(book.NextDue, usageDue);
    }

    static Resource Resting(Transaction transaction, string plural, string name) => transaction.Find(KindInfo.All.Single(kind => kind.Plural == plural), null, name)!.Resource;

    /// <summary>Parents whose children are only used more or less have waited for their beat.</summary>
    void TellUsage(DateTimeOffset now)
    {
        if (usageDue <= now)
        {
            book.Tree.Pools.TouchStale();
            book.Tree.Edges.TouchStale();
            usageDue = null;
        }

        if (book.Tree.Pools.Stale.Count > 0 || book.Tree.Edges.Stale.Count > 0) usageDue ??= now + LeaseTree.UsageBeat;
    }

    static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a < b || b is null ? a : b;

    /// <summary>False when the budget ran out before all were served.</summary>
    bool ServeWaiters(Transaction transaction, string pool, ref int budget)
    {
        var order = book.Waiters.For(pool);
        while (order.TryNext(out var waiting))
        {
            if (budget <= 0) return false;
            var answered = transaction.PutIfChanged(Answer(transaction, waiting));
            if (answered.Metadata.ResourceVersion != waiting.Metadata.ResourceVersion) budget--;
            order.Answered(Waiters.Said(answered) is { Status: not ConditionStatus.True } refusal ? refusal : null);
        }

        return true;
    }

    Resource Answer(Transaction transaction, Resource waiting) => waiting switch
    {
        IPClaim claim => claims.Answer(transaction, claim),
        IPPoolClaim claim => pools.AnswerClaim(transaction, claim),
        IPPool child => pools.AnswerChild(transaction, child),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    void Refresh(Transaction transaction, string name)
    {
        book.Untold.Remove(name);
        if (book.Find(name) is not { } entry)
        {
            book.Tree.Pools.Take(name);
            return;
        }

        if (entry is { IsDraining: true, Contents: 0 } && TryRemoveDrained(transaction, entry.Pool)) return;
        transaction.PutIfChanged(pools.Refreshed(entry, transaction.Now));
    }

    /// <summary>A drained child pool goes, and with it the finalizer of the claim that waits for that.</summary>
    bool TryRemoveDrained(Transaction transaction, IPPool pool)
    {
        if (pool.Metadata.Annotation(HubObjects.ClaimAnnotation)?.Split('/') is not [var ns, var name]) return false;
        if (transaction.Find<IPPoolClaim>(ns, name) is not { } claim || !claim.Metadata.IsDeleting() || !pools.TryRemoveChild(transaction, claim)) return false;

        List<string> finalizers = [.. (claim.Metadata.Finalizers ?? []).Where(static finalizer => finalizer != HubObjects.ChildPoolFinalizer)];
        if (finalizers.Count == 0) transaction.Remove(claim);
        else transaction.Put(claim with { Metadata = claim.Metadata with { Finalizers = finalizers } });
        return true;
    }
}
