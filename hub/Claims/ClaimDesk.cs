using Federation.ApiServer;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Answers claims at the hub, within a transaction: a claim and its allocation come and go together.</summary>
sealed class ClaimDesk(AddressBook book)
{
    /// <summary>The claim with its status; when it is granted, its allocation is written too.</summary>
    public IPClaim Answer(Transaction transaction, IPClaim claim)
    {
        if (TryRebind(transaction, claim) is { } rebound) return rebound;

        var verdict = ClaimEvaluation.Evaluate(claim.Spec.Wish(book.Target(claim.Spec.PoolRef, claim.Spec.PoolSelector, static _ => true)));
        if (verdict is ClaimVerdict.Granted granted) transaction.Put(Allocation(transaction, claim, granted));
        return claim.With(verdict, transaction.Now);
    }

    /// <summary>Writes down with the claim's block what is to become of it.</summary>
    public static void Observe(Transaction transaction, IPClaim claim)
    {
        if (claim.Status?.BoundAllocationRef?.Name is not { } name || transaction.Find<IPAllocation>(null, name) is not { } allocation) return;
        if (allocation.Spec.ClaimRef?.Uid == claim.Uid) transaction.PutIfChanged(allocation with { Spec = allocation.Spec with { ReclaimPolicy = claim.Spec.ReclaimPolicy } });
    }

    /// <summary>Frees, keeps or rests the claim's block.</summary>
    public void Release(Transaction transaction, IPClaim claim)
    {
        if (claim.Status?.BoundAllocationRef?.Name is not { } name || transaction.Find<IPAllocation>(null, name) is not { } allocation) return;
        if (allocation.Spec.ClaimRef?.Uid != claim.Uid) return;

        if (claim.Spec.ReclaimPolicy is ReclaimPolicy.Retain)
        {
            transaction.Put(allocation with { Status = (allocation.Status ?? new()) with { Phase = AllocationPhase.Retained } });
        }
        else if (book.Find(allocation.Spec.PoolRef!.Name!)?.Pool.Spec.Allocation?.ReuseDelaySeconds is > 0 and var delay)
        {
            var reusableAt = transaction.Now.AddSeconds(delay);
            transaction.Put(allocation with { Status = (allocation.Status ?? new()) with { Phase = AllocationPhase.Resting, ReusableAt = reusableAt } });
        }
        else
        {
            transaction.Remove(allocation);
        }
    }

    /// <summary>A claim of the same name takes up the block that was kept for it, if it asks for the like.</summary>
    IPClaim? TryRebind(Transaction transaction, IPClaim claim)
    {
        if (book.FindRetained(ClaimReport.Owner(claim.Namespace, claim.Name)) is not { } kept) return null;
        var (block, pool) = (kept.Spec.Cidr!.Value, kept.Spec.PoolRef!.Name!);
        if (book.Find(pool) is { IsRecovering: true }) return null;
        var fits = claim.Spec.PoolRef?.Name is { } wanted ? wanted == pool : book.Find(pool) is { } entry && claim.Spec.PoolSelector!.Matches(entry.Pool.Metadata.Labels);
        if (!fits || (claim.Spec.PrefixLength ?? block.Length) != block.Length || (claim.Spec.Cidr ?? block) != block) return null;

        transaction.Put(kept with
        {
            Spec = kept.Spec with { ClaimRef = kept.Spec.ClaimRef! with { Uid = claim.Uid }, ReclaimPolicy = claim.Spec.ReclaimPolicy },
            Status = (kept.Status ?? new()) with { Phase = AllocationPhase.Ready },
        });
        return claim.Bound(block, pool, kept.Name, transaction.Now);
    }

    static IPAllocation Allocation(Transaction transaction, IPClaim claim, ClaimVerdict.Granted granted) => new()
    {
        Metadata = HubObjects.Meta(transaction, IPAllocation.NameOf(granted.From.Pool, granted.Block)),
        Spec = new()
        {
            Cidr = granted.Block,
            PoolRef = new() { Name = granted.From.Pool },
            ClaimRef = new() { Namespace = claim.Namespace, Name = claim.Name, Uid = claim.Uid },
            ReclaimPolicy = claim.Spec.ReclaimPolicy,
        },
        Status = new()
        {
            Phase = AllocationPhase.Ready,
            Conditions = Array.Empty<Condition>().With([AllocatedFinding.Succeeded(granted.Block, granted.Pool.Name)], generation: 1, transaction.Now),
        },
    };
}

/// <summary>Claims over the API: answered with their final status in the same response.</summary>
sealed class ClaimKindRules(ClaimDesk desk) : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPClaim>();

    public Resource Creating(Transaction transaction, Resource wanted) => desk.Answer(transaction, (IPClaim)wanted);

    /// <summary>What may change of a claim is what becomes of its block after it: its allocation carries that.</summary>
    public Resource Updating(Transaction transaction, Resource before, Resource wanted)
    {
        var claim = (IPClaim)wanted;
        if (claim.Status?.ObservedGeneration == claim.Metadata.Generation) return claim;
        ClaimDesk.Observe(transaction, claim);
        return claim.Observed(transaction.Now);
    }

    public void Removing(Transaction transaction, Resource current) => desk.Release(transaction, (IPClaim)current);
}
