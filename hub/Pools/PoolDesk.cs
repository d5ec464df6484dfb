using System.Collections.Immutable;
using Federation.ApiServer;
using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Gives child pools their block of a root pool, within a transaction.</summary>
sealed class PoolDesk(AddressBook book)
{
    const int NamesMax = 16;

    /// <summary>A child pool with its block, or with the reason it has none.</summary>
    public IPPool AnswerChild(Transaction transaction, IPPool pool)
    {
        var parent = pool.Spec.ParentPoolRef!.Name!;
        var verdict = ClaimEvaluation.Evaluate(new ClaimWish
        {
            Target = book.Target(pool.Spec.ParentPoolRef, selector: null, IsRoot),
            PrefixLength = pool.Spec.PrefixLength,
            Family = pool.Spec.IpFamily,
            Block = pool.Spec.Cidr,
        });
        return verdict is ClaimVerdict.Granted(_, _, var block) ? Assigned(pool, parent, block, transaction.Now) : pool.WithoutBlock(verdict.Finding, transaction.Now);
    }

    /// <summary>A pool claim with its child pool made, or with the reason there is none.</summary>
    public IPPoolClaim AnswerClaim(Transaction transaction, IPPoolClaim claim)
    {
        var verdict = ClaimEvaluation.Evaluate(new ClaimWish
        {
            Target = book.Target(claim.Spec.ParentPoolRef, claim.Spec.ParentPoolSelector, IsRoot),
            PrefixLength = claim.Spec.PrefixLength,
            Family = claim.Spec.IpFamily,
            Block = claim.Spec.Cidr,
        });
        if (verdict is not ClaimVerdict.Granted granted) return Report(claim, verdict.Finding, boundPool: null, block: null, transaction.Now);

        var child = transaction.Put(ChildOf(transaction, claim, granted));
        return Report(claim, verdict.Finding, child.Name, granted.Block, transaction.Now);
    }

    /// <summary>Removes the child pool of a claim that is being deleted; false while the pool still holds something.</summary>
    public bool TryRemoveChild(Transaction transaction, IPPoolClaim claim)
    {
        if (claim.Status?.BoundPoolName is not { } name || transaction.Find<IPPool>(null, name) is not { } child) return true;
        if (child.Metadata.Annotation(HubObjects.ClaimUidAnnotation) != claim.Uid) return true;
        if (book.Find(name) is { Contents: > 0 })
        {
            book.Untold.Add(name);
            transaction.PutIfChanged(child with { Status = (child.Status ?? new()) with { Phase = PoolPhase.Draining } });
            return false;
        }

        RemoveResting(transaction, child);
        transaction.Remove(child);
        return true;
    }

    /// <summary>Refuses to delete a pool that holds something, with the count and the first names.</summary>
    public void CheckDeletable(IPPool pool)
    {
        if (book.Find(pool.Name) is not { Contents: > 0 and var count } entry) return;
        var names = string.Join(", ", entry.Holders(NamesMax));
        var more = count > NamesMax ? $" and {count - NamesMax} more" : "";
        throw ApiErrors.Conflict(KindInfo.Of<IPPool>(), pool.Name, $"the pool is in use by {count} {(count == 1 ? "holder" : "holders")}: {names}{more}",
            [new ApiStatusCause(Reasons.PoolInUse, $"{count} in use", "spec")]);
    }

    /// <summary>What only rests in a pool goes with it.</summary>
    public void RemoveResting(Transaction transaction, IPPool pool)
    {
        var resting = book.Find(pool.Name)?.Space?.Held().Where(static held => held.Holder.Kind is HoldKind.Cooling).Select(static held => held.Block).ToList() ?? [];
        foreach (var block in resting)
        {
            if (transaction.Find<IPAllocation>(null, IPAllocation.NameOf(pool.Name, block)) is { } allocation) transaction.Remove(allocation);
        }
    }

    /// <summary>The first other root that overlaps; roots of one hub never do.</summary>
    public IPPool? FindOverlap(Cidr block, string except) => book.Pools
        .Select(static entry => entry.Pool)
        .FirstOrDefault(pool => !pool.IsChild() && pool.Name != except && pool.Spec.Cidr!.Value.Overlaps(block));

    /// <summary>What is said of a claim whose child pool is to go and cannot yet.</summary>
    public static IPPoolClaim Releasing(IPPoolClaim claim, DateTimeOffset now) => PoolClaimReport.Releasing(claim, PoolClaimReport.InUse(claim.Status!.BoundPoolName!), now);

    /// <summary>A pool's status after what its space says now: with its leases, where one of them changed, or with its claims counted.</summary>
    public IPPool Refreshed(PoolEntry entry, DateTimeOffset now)
    {
        if (entry.Space is not { } space) return entry.Pool;
        if (entry.Pool.IsChild()) return entry.Pool.Reported(space, [OfChild(entry, space), .. RecoveryDesk.FindingsOf(entry)], now);

        var isNews = book.Tree.Pools.Take(entry.Pool.Name) || entry.Pool.Status?.ObservedGeneration != entry.Pool.Metadata.Generation;
        var reported = entry.Pool.Reported(space, RecoveryDesk.FindingsOf(entry), now);
        return isNews ? reported.WithChildren(ChildWords.LeasesOfPool, book.Tree.Pools.Of(entry.Pool.Name), now) : reported;
    }

    Finding OfChild(PoolEntry entry, PoolSpace space) => entry.IsDraining
        ? PoolReport.Closed(space.Root, Reasons.Draining)
        : PoolReport.Assigned(space.Root, entry.Pool.Spec.ParentPoolRef!.Name!, space.Count(HoldKind.Allocation), book.Waiters.CountOf(entry.Pool.Name));

    static bool IsRoot(PoolEntry entry) => !entry.Pool.IsChild();

    static IPPool Assigned(IPPool pool, string parent, Cidr block, DateTimeOffset now) => pool.Reported(new PoolSpace(block),
        [AllocatedFinding.Succeeded(block, parent), PoolReport.Assigned(block, parent)], now);

    static IPPool ChildOf(Transaction transaction, IPPoolClaim claim, ClaimVerdict.Granted granted)
    {
        var name = Enumerable.Range(0, 16).Select(salt => PoolReport.ChildName(claim.Name, claim.Uid, salt))
            .FirstOrDefault(name => transaction.Find<IPPool>(null, name) is null);
        Invariant.Holds(name is not null);
        var meta = HubObjects.Meta(transaction, name);
        var child = new IPPool
        {
            Metadata = meta with { Labels = claim.Metadata.Labels, Annotations = MadeFor(claim) },
            Spec = new() { ParentPoolRef = new() { Name = granted.Pool.Name }, Cidr = granted.Block },
        };
        return Assigned(child, granted.Pool.Name, granted.Block, transaction.Now);
    }

    static ImmutableSortedDictionary<string, string> MadeFor(IPPoolClaim claim) => ImmutableSortedDictionary<string, string>.Empty
        .Add(HubObjects.ClaimAnnotation, ClaimReport.Owner(claim.Namespace, claim.Name))
        .Add(HubObjects.ClaimUidAnnotation, claim.Uid);

    static IPPoolClaim Report(IPPoolClaim claim, Finding allocated, string? boundPool, Cidr? block, DateTimeOffset now) => claim.With(
        allocated, status => status with { BoundPoolName = boundPool, Lease = block is null ? null : new LeaseGrant { Cidr = block } }, now);
}
