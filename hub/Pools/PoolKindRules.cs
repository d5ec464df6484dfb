using Federation.ApiServer;
using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Pools over the API.</summary>
sealed class PoolKindRules(AddressBook book, PoolDesk desk, RecoveryDesk recovery) : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPPool>();

    public Resource Creating(Transaction transaction, Resource wanted)
    {
        var pool = (IPPool)wanted;
        recovery.CheckAccepted(transaction, Kind, pool, before: null, pool.Spec.AcceptedStoreEpoch);
        if (pool.IsChild())
        {
            CheckParent(pool);
            return desk.AnswerChild(transaction, pool);
        }

        var block = pool.Spec.Cidr!.Value;
        CheckOverlap(pool, block);
        var space = new PoolSpace(block);
        foreach (var reserved in pool.Spec.Reservations ?? []) Invariant.Holds(space.TryHold(reserved, Holder.Reserved));
        return pool.Reported(space, [], transaction.Now).WithChildren(ChildWords.LeasesOfPool, new(), transaction.Now);
    }

    public Resource Updating(Transaction transaction, Resource before, Resource wanted)
    {
        var pool = (IPPool)wanted;
        recovery.CheckAccepted(transaction, Kind, pool, ((IPPool)before).Spec.AcceptedStoreEpoch, pool.Spec.AcceptedStoreEpoch);
        CheckReservations((IPPool)before, pool);
        return pool;
    }

    public void Deleting(Transaction transaction, Resource current)
    {
        if (book.RecoveryEpoch is { } epoch && book.Find(current.Name) is { IsRecovering: true })
        {
            throw ApiErrors.Conflict(Kind, current.Name, $"the hub was restored, and it is not known what of the pool is in use; set spec.acceptedStoreEpoch to {epoch} if it is what the hub knows");
        }

        desk.CheckDeletable((IPPool)current);
    }

    public void Removing(Transaction transaction, Resource current)
    {
        desk.CheckDeletable((IPPool)current);
        desk.RemoveResting(transaction, (IPPool)current);
    }

    void CheckOverlap(IPPool pool, Cidr block)
    {
        if (desk.FindOverlap(block, pool.Name) is not { } other) return;
        throw ApiErrors.Conflict(Kind, pool.Name, $"{block} overlaps {other.Spec.Cidr} of pool {other.Name}", [new("FieldValueInvalid", $"overlaps pool {other.Name}", "spec.cidr")]);
    }

    void CheckParent(IPPool pool)
    {
        if (book.Find(pool.Spec.ParentPoolRef!.Name!) is not { Pool: var parent } || !parent.IsChild()) return;
        throw ApiErrors.Invalid(Kind, pool.Name, [FieldError.Invalid("spec.parentPoolRef.name", parent.Name, "is itself a child pool; there are two levels, root and child")]);
    }

    void CheckReservations(IPPool before, IPPool after)
    {
        if (book.Find(after.Name)?.Space is not { } space || ResourceJson.Same(before.Spec.Reservations, after.Spec.Reservations)) return;
        var change = space.PlanReservations(after.Spec.Reservations ?? []);
        List<FieldError> errors =
        [
            .. change.Outside.Select(block => FieldError.Invalid("spec.reservations", block, $"is not inside {space.Root}")),
            .. change.Conflicts.Select(static conflict => FieldError.Invalid("spec.reservations", conflict.Wanted, $"{conflict.Block} is held by {conflict.Holder.Owner}")),
        ];
        if (errors.Count > 0) throw ApiErrors.Invalid(Kind, after.Name, errors);
    }
}

/// <summary>Pool claims over the API: answered with a child pool in the same response.</summary>
sealed class PoolClaimKindRules(PoolDesk desk) : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPPoolClaim>();

    public Resource Creating(Transaction transaction, Resource wanted) => desk.AnswerClaim(transaction, (IPPoolClaim)wanted);

    /// <summary>A claim whose pool is in use waits for it to become empty.</summary>
    public void Deleting(Transaction transaction, Resource current)
    {
        var claim = (IPPoolClaim)current;
        if (desk.TryRemoveChild(transaction, claim) || claim.Metadata.HasFinalizer(HubObjects.ChildPoolFinalizer)) return;
        transaction.Put(PoolDesk.Releasing(claim, transaction.Now) with { Metadata = claim.Metadata with { Finalizers = [.. claim.Metadata.Finalizers ?? [], HubObjects.ChildPoolFinalizer] } });
    }

    public void Removing(Transaction transaction, Resource current) => desk.TryRemoveChild(transaction, (IPPoolClaim)current);
}
