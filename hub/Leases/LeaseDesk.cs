using System.Collections.Immutable;
using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Answers edges' questions about leases, each in one transaction: the block and the record come in one commit.</summary>
sealed class LeaseDesk(AddressBook book, LeaseTerms terms, FenceClock fences)
{
    public LeaseTerms Terms => terms;

    public Lease? Find(string id) => book.Leases.Find(id);

    public LeaseDecision Request(Transaction transaction, LeaseWish wish, Edge edge) => Act(transaction, "requested", book.Leases.Request(
        wish, Leasable(wish.Pool, edge), Standing(edge), terms, transaction.NextRevision, transaction.Now));

    public LeaseDecision Confirm(Transaction transaction, string id, string edge, long epoch)
    {
        fences.Renewed(id);
        var isRecovering = book.Leases.Find(id) is { } lease && book.Find(lease.Pool) is { IsRecovering: true };
        return Act(transaction, "confirmed", book.Leases.Confirm(id, edge, epoch, terms, transaction.Now, isRecovering));
    }

    /// <summary>A new term and what is used of the block; of a revoked lease, the word that the edge knows.</summary>
    /// <param name="isUsageOnly">Whether the edge asks for no new term.</param>
    public LeaseDecision Renew(Transaction transaction, string id, string edge, long epoch, LeaseUsage? usage, bool isUsageOnly)
    {
        if (book.Leases.Find(id) is { Phase: LeasePhase.Revoked }) return Acknowledge(transaction, id, edge, epoch);
        if (book.Leases.Find(id) is { IsInUse: true } lease && lease.Edge == edge && lease.Epoch == epoch && IsContested(transaction, lease))
        {
            return new LeaseDecision.Refused(LeaseRefusal.BlockContested, $"{lease.Block} has another holder");
        }

        if (!isUsageOnly) fences.Renewed(id);
        var decision = book.Leases.Renew(id, edge, epoch, terms, transaction.Now);
        if (!isUsageOnly) Act(transaction, "renewed", decision);
        if (usage is not null && decision is LeaseDecision.Changed && transaction.Find<IPLease>(null, id) is { } stored)
        {
            transaction.PutIfChanged(stored with { Status = stored.Status! with { Usage = usage.Newer(stored.Status.Usage) } });
        }

        return decision;
    }

    public LeaseDecision Release(Transaction transaction, string id, string edge, long epoch, string why)
    {
        var decision = book.Leases.Release(id, edge, epoch, ReuseDelay(id), transaction.Now);
        if (decision is not LeaseDecision.Changed { Before.IsContested: true, After: var given }) return Act(transaction, why, decision);

        transaction.Audit($"lease {given.Phase}", id, $"{given.Block} of {given.Pool} for {edge}, contested: {why}");
        transaction.Remove(transaction.Find<IPLease>(null, id)!);
        return decision;
    }

    /// <summary>Takes up again what an edge holds and a restored hub has forgotten.</summary>
    /// <param name="isAbsent">Whether the edge, in the same report, does not name a lease among all it has.</param>
    public LeaseDecision Reassert(Transaction transaction, HeldLease held, Func<string, bool> isAbsent)
    {
        var space = book.Find(held.Pool) is { } entry && !entry.Pool.IsChild() ? entry.Space : null;
        if (book.Leases.IsOver(held, space, transaction.NextRevision)) End(transaction, book.Leases.Find(held.Id)!, $"edge {held.Edge} holds {held.Block} under this id since");
        if (space is not null && book.Leases.Find(held.Id) is null) Supersede(transaction, held, space, isAbsent);
        var decision = book.Leases.Reassert(held, space, terms, transaction.NextRevision, transaction.Now);
        if (decision is LeaseDecision.Changed) fences.Renewed(held.Id);
        Act(transaction, "said by its edge after the restore", decision);
        if (decision is LeaseDecision.Changed { Before: null, After.IsContested: true })
        {
            foreach (var other in LeasesIn(space!, held.Block)) transaction.PutLease(other with { ContestedBy = held.Id }, "contested");
        }

        return decision;
    }

    /// <summary>
    /// Whether an edge knows a later epoch of a lease than the hub, which was restored since: of two agents, one that had not
    /// heard of it spoke first.
    /// </summary>
    public bool IsBehind(Transaction transaction, HeldLease held) => book.Leases.Find(held.Id) is { } known && known.Edge == held.Edge
        && known.Pool == held.Pool && known.Block == held.Block && known.Epoch < held.Epoch
        && !StoreRestore.IsSince(known.Epoch, transaction.NextRevision) && !StoreRestore.IsSince(held.Epoch, transaction.NextRevision);

    /// <summary>A block an edge holds under a new lease it no longer holds under an older one, of which it says nothing.</summary>
    void Supersede(Transaction transaction, HeldLease held, PoolSpace space, Func<string, bool> isAbsent)
    {
        var earlier = LeasesIn(space, held.Block).Where(lease => lease.Edge == held.Edge && lease.Phase is not LeasePhase.Revoked && lease.Epoch < held.Epoch && held.Block.Contains(lease.Block) && isAbsent(lease.Id));
        foreach (var lease in earlier) End(transaction, lease, $"edge {lease.Edge} holds it as {held.Id}, and {lease.Id} no longer");
    }

    /// <summary>What the backup knew of a lease, and is no more.</summary>
    static void End(Transaction transaction, Lease lease, string why)
    {
        transaction.Audit("lease superseded", lease.Id, $"{lease.Block} of {lease.Pool}: {why}");
        transaction.Remove(transaction.Find<IPLease>(null, lease.Id)!);
    }

    List<Lease> LeasesIn(PoolSpace space, Cidr block) => [.. space.Held(block)
        .Where(static held => held.Holder.Kind is HoldKind.Lease or HoldKind.Quarantine or HoldKind.Cooling)
        .Select(held => book.Leases.Find(held.Holder.Owner)).OfType<Lease>()];

    /// <summary>Whether two holders of its block are known. When that is over, the lease says so.</summary>
    bool IsContested(Transaction transaction, Lease lease)
    {
        var entry = book.Find(lease.Pool)!;
        var isHeldByOther = lease.IsContested && ContestedBlocks.IsInTheWay(entry.Space!, lease.Block);
        var other = isHeldByOther ? null : entry.FindContest(lease.Block, except: lease.Id);
        var found = lease with { IsContested = isHeldByOther, ContestedBy = other };
        if (found != lease) transaction.PutLease(found, "the contest changed");
        return isHeldByOther || other is not null;
    }

    /// <summary>What a lease becomes when an admin's orders change; null when nothing does.</summary>
    public Lease? Ordered(Transaction transaction, IPLease before, IPLease after)
    {
        var decision = after.Spec switch
        {
            { Revoked: true } when before.Spec.Revoked is not true => book.Leases.Revoke(after.Name, transaction.NextRevision),
            { ConfirmedEpoch: { } confirmed } when before.Spec.ConfirmedEpoch != confirmed => Settle(transaction, after.Name, confirmed),
            { Draining: true } when before.Spec.Draining is not true => book.Leases.Drain(after.Name),
            _ => null,
        };
        return decision is LeaseDecision.Changed(_, var changed) ? changed : null;
    }

    /// <summary>Asks an edge for everything it holds.</summary>
    public void DrainAll(Transaction transaction, string edge)
    {
        var held = book.Leases.All.Where(lease => lease.Edge == edge && lease.Phase is LeasePhase.Active or LeasePhase.Offered).ToList();
        foreach (var lease in held) Act(transaction, $"edge {edge} is draining", book.Leases.Drain(lease.Id));
    }

    /// <summary>Frees a revoked block of which an admin has said that it may go, as soon as the edge knows or its term is certainly over.</summary>
    public void SettleConfirmed(Transaction transaction)
    {
        foreach (var lease in book.Leases.All.Where(static lease => lease.Phase is LeasePhase.Revoked).ToList()) SettleConfirmed(transaction, lease.Id);
    }

    void SettleConfirmed(Transaction transaction, string id)
    {
        if (transaction.Find<IPLease>(null, id)?.Spec.ConfirmedEpoch is { } confirmed) Act(transaction, "revocation confirmed", Settle(transaction, id, confirmed));
    }

    /// <summary>The leases that age alone takes back, oldest first.</summary>
    public IEnumerable<Lease> Reapable(Transaction transaction) =>
        book.Leases.Reapable(terms, transaction.Now).Where(lease => IsSettled(transaction, lease)).OrderBy(static lease => lease.GrantedAt);

    /// <summary>How many leases in use each root pool has lent to edges that are silent; every root pool is in it, with 0 too.</summary>
    public ImmutableSortedDictionary<string, int> Stuck(Transaction transaction)
    {
        var silent = transaction.All<Edge>().Where(static edge => edge.Status?.Phase is EdgePhase.Silent).Select(static edge => edge.Name).ToHashSet(StringComparer.Ordinal);
        var counts = book.Pools.Where(static entry => !entry.Pool.IsChild()).ToDictionary(static entry => entry.Pool.Name, static _ => 0, StringComparer.Ordinal);
        foreach (var lease in book.Leases.All)
        {
            if (lease.IsInUse && silent.Contains(lease.Edge) && counts.TryGetValue(lease.Pool, out var count)) counts[lease.Pool] = count + 1;
        }

        return counts.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Takes one of them back, if it still is one.</summary>
    public bool TryReap(Transaction transaction, string id)
    {
        if (book.Leases.Find(id) is not { } lease || !LeaseLedger.IsReapable(lease, terms, transaction.Now) || !IsSettled(transaction, lease)) return false;
        if (!LeaseLedger.IsSound(lease, book.Find(lease.Pool)?.Space)) return false;
        transaction.Audit("lease reaped", id, $"{lease.Block} of {lease.Pool}: {lease.Phase}, granted {lease.GrantedAt:O} and never confirmed");
        transaction.Remove(transaction.Find<IPLease>(null, id)!);
        return true;
    }

    /// <summary>
    /// Whether an offer certainly was not confirmed. To a hub that was restored since, it may have been, and the edge may be about to write that down:
    /// such an offer is kept until its term would be over.
    /// </summary>
    bool IsSettled(Transaction transaction, Lease lease) => lease.Phase is not LeasePhase.Offered
        || (book.Find(lease.Pool) is { IsRecovering: false } && (StoreRestore.IsSince(lease.Epoch, transaction.NextRevision) || IsFenced(lease.Id)));

    LeaseDecision Acknowledge(Transaction transaction, string id, string edge, long epoch)
    {
        var decision = Act(transaction, "the edge knows of its revocation", book.Leases.Acknowledge(id, edge, epoch));
        SettleConfirmed(transaction, id);
        return decision is LeaseDecision.Refused ? decision : new LeaseDecision.Refused(LeaseRefusal.LeaseNotActive, $"lease {id} is revoked");
    }

    LeaseDecision Settle(Transaction transaction, string id, long confirmed) =>
        book.Leases.Settle(id, confirmed, fences.HasPassed(id), ReuseDelay(id), transaction.Now);

    /// <summary>A root pool as this edge may lease it; null when it may not know of it.</summary>
    public LeasablePool? Leasable(string name, Edge edge) =>
        book.Find(name) is { Space: { } space } entry && IsOffered(entry.Pool, edge) && !entry.IsDraining
            ? new(name, space, entry.Pool.Spec.LeaseSizes(space.Root), entry.Pool.Spec.Leasing?.Enabled ?? true, entry.Pool.Spec.Leasing?.MaxLeasesPerEdge) { IsRecovering = entry.IsRecovering, Avoided = edge.Status?.LocalCIDRs ?? [] }
            : null;

    /// <summary>A block the edge holds of address space that it says it uses by other means.</summary>
    public (Cidr Local, Lease Lease)? FindLocal(string edge, IReadOnlyList<Cidr> local)
    {
        if (local.Count == 0) return null;
        foreach (var lease in book.Leases.All.Where(lease => lease.Edge == edge && (lease.IsInUse || lease.Phase is LeasePhase.Offered)))
        {
            if (local.FirstOrDefault(lease.Block.Overlaps) is { IsDefault: false } shared) return (shared, lease);
        }

        return null;
    }

    /// <summary>The leases an edge may be using, by id.</summary>
    public IEnumerable<Lease> InUse(string edge) => book.Leases.All.Where(lease => lease.Edge == edge && lease.IsInUse);

    /// <summary>Says of a lease, once, that its edge does not name it any more.</summary>
    public void SayAbsent(Transaction transaction, string id, long epoch)
    {
        if (book.Leases.Find(id) is not { IsInUse: true, IsAbsent: false } lease || lease.Epoch != epoch) return;
        transaction.Audit("lease absent", id, $"{lease.Block} of {lease.Pool}: edge {lease.Edge} does not name it in its full reports; nothing is freed");
        transaction.PutLease(lease with { IsAbsent = true }, "absent");
    }

    /// <summary>Whether the edge can certainly begin to use nothing of the lease any more, were it to learn of it late.</summary>
    bool IsFenced(string id) => fences.HasPassed(id);

    /// <summary>Frees the block of a lease its edge does not name any more, if that is still so and its term certainly over.</summary>
    public bool TryFreeAbsent(Transaction transaction, string id, long epoch)
    {
        if (!IsFenced(id) || book.Leases.Find(id) is not { } lease || !LeaseLedger.IsSound(lease, book.Find(lease.Pool)?.Space)) return false;
        if (book.Leases.FreeAbsent(id, epoch, ReuseDelay(id), transaction.Now) is not LeaseDecision.Changed decision) return false;
        transaction.Audit("absent lease freed", id, $"{lease.Block} of {lease.Pool}: edge {lease.Edge} does not name it in its full reports");
        Act(transaction, "absent from its edge's full reports", decision);
        return true;
    }

    /// <summary>Whether a pool is in an edge's catalogue.</summary>
    public static bool IsOffered(IPPool pool, Edge edge) =>
        !pool.IsChild() && (pool.Spec.Leasing?.EdgeSelector?.Matches(edge.Metadata.Labels) ?? true);

    static EdgeStanding Standing(Edge edge) => new(edge.Spec.Cordoned ?? false, edge.Spec.Draining ?? false, edge.Spec.MaxLeases);

    TimeSpan ReuseDelay(string id) => book.Leases.Find(id) is { } lease && book.Find(lease.Pool)?.Pool.Spec.Allocation?.ReuseDelaySeconds is { } seconds
        ? TimeSpan.FromSeconds(seconds)
        : terms.ReuseDelay;

    static LeaseDecision Act(Transaction transaction, string why, LeaseDecision decision)
    {
        if (decision is LeaseDecision.Changed { After: var lease }) transaction.PutLease(lease, why);
        return decision;
    }
}
