using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Answers edges' questions about leases, each in one transaction: the block and the record come in one commit.</summary>
sealed class LeaseDesk(AddressBook book, LeaseTerms terms)
{
    public LeaseTerms Terms => terms;

    public LeaseDecision Request(Transaction transaction, LeaseWish wish, Edge edge) => Act(transaction, "requested", book.Leases.Request(
        wish, Leasable(wish.Pool, edge), Standing(edge), terms, transaction.NextRevision, transaction.Now));

    public LeaseDecision Confirm(Transaction transaction, string id, string edge, long epoch) =>
        Act(transaction, "confirmed", book.Leases.Confirm(id, edge, epoch, terms, transaction.Now));

    public LeaseDecision Renew(Transaction transaction, string id, string edge, long epoch, LeaseUsage? usage)
    {
        var decision = Act(transaction, "renewed", book.Leases.Renew(id, edge, epoch, terms, transaction.Now));
        if (usage is not null && decision is LeaseDecision.Changed && transaction.Find<IPLease>(null, id) is { } stored)
        {
            transaction.PutIfChanged(stored with { Status = stored.Status! with { Usage = usage } });
        }

        return decision;
    }

    public LeaseDecision Release(Transaction transaction, string id, string edge, long epoch, string why) =>
        Act(transaction, why, book.Leases.Release(id, edge, epoch, ReuseDelay(id), transaction.Now));

    /// <summary>Takes back what age alone may take back; answers how many.</summary>
    public int Reap(Transaction transaction, int most)
    {
        var reapable = book.Leases.All.Where(lease => LeaseLedger.IsReapable(lease, terms, transaction.Now)).Take(most).ToList();
        foreach (var lease in reapable)
        {
            transaction.Audit("lease reaped", lease.Id, $"{lease.Block} of {lease.Pool}: {lease.Phase} and unconfirmed since {lease.GrantedAt:O}");
            transaction.Remove(transaction.Find<IPLease>(null, lease.Id)!);
        }

        return reapable.Count;
    }

    /// <summary>A root pool as this edge may lease it; null when it may not know of it.</summary>
    public LeasablePool? Leasable(string name, Edge edge) =>
        book.Find(name) is { Space: { } space } entry && IsOffered(entry.Pool, edge) && !entry.IsDraining
            ? new(name, space, Sizes(entry.Pool, space.Root), entry.Pool.Spec.Leasing?.Enabled ?? true, entry.Pool.Spec.Leasing?.MaxLeasesPerEdge)
            : null;

    /// <summary>Whether a pool is in an edge's catalogue.</summary>
    public static bool IsOffered(IPPool pool, Edge edge) =>
        !pool.IsChild() && (pool.Spec.Leasing?.EdgeSelector?.Matches(edge.Metadata.Labels) ?? true);

    static EdgeStanding Standing(Edge edge) => new(edge.Spec.Cordoned ?? false, edge.Spec.Draining ?? false, edge.Spec.MaxLeases);

    /// <summary>Three quarters of the pool's host bits, where the pool does not say.</summary>
    static PoolRules Sizes(IPPool pool, Cidr root)
    {
        var leasing = pool.Spec.Leasing;
        var preset = root.Width - ((root.Width - root.Length) * 3 / 4);
        return PoolRules.Of(root, leasing?.MinPrefixLength, leasing?.MaxPrefixLength, leasing?.DefaultPrefixLength ?? preset, pool.Spec.Allocation?.Strategy);
    }

    TimeSpan ReuseDelay(string id) => book.Leases.Find(id) is { } lease && book.Find(lease.Pool)?.Pool.Spec.Allocation?.ReuseDelaySeconds is { } seconds
        ? TimeSpan.FromSeconds(seconds)
        : terms.ReuseDelay;

    static LeaseDecision Act(Transaction transaction, string why, LeaseDecision decision)
    {
        if (decision is LeaseDecision.Changed { After: var lease }) transaction.PutLease(lease, why);
        return decision;
    }
}
