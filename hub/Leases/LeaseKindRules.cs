using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Leases over the API: made for edges alone; an admin asks for them back, or takes them away.</summary>
sealed class LeaseKindRules(LeaseDesk desk) : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPLease>();

    public Resource Creating(Transaction transaction, Resource wanted) =>
        throw ApiErrors.Forbidden(Kind, wanted.Name, "leases are made for edges; create an IPPoolClaim at an edge");

    public Resource Updating(Transaction transaction, Resource before, Resource wanted)
    {
        var (had, asked) = ((IPLease)before, (IPLease)wanted);
        if (had.Spec.Revoked is true && asked.Spec.Revoked is not true)
        {
            throw ApiErrors.Invalid(Kind, asked.Name, [FieldError.Invalid("spec.revoked", asked.Spec.Revoked, "a revocation cannot be undone")]);
        }

        if (asked.Spec.ConfirmedEpoch is { } confirmed && confirmed != had.Spec.ConfirmedEpoch && (had.Status?.Phase is not LeasePhase.Revoked || confirmed != had.Status.Epoch))
        {
            throw ApiErrors.Invalid(Kind, asked.Name, [FieldError.Invalid("spec.confirmedEpoch", confirmed, $"must be the epoch of a revoked lease; {asked.Name} is {had.Status?.Phase} at epoch {had.Status?.Epoch}")]);
        }

        return asked.Reported(transaction, desk.Ordered(transaction, had, asked) ?? had.ToLease(), $"ordered by {transaction.Actor}");
    }

    /// <summary>A lease that may be in use does not go by being deleted: its block would be lent again.</summary>
    public void Deleting(Transaction transaction, Resource current)
    {
        if (current is IPLease { Status.Phase: LeasePhase.Released or LeasePhase.Failed }) return;
        throw ApiErrors.Forbidden(Kind, current.Name, "the edge may use its block; set spec.draining to ask for it back, or spec.revoked to take it away");
    }
}

/// <summary>Edges over the API: an admin may announce one, hold it back, and empty it.</summary>
sealed class EdgeKindRules(AddressBook book, LeaseDesk desk, EdgeDesk edges, RecoveryDesk recovery) : IKindRules
{
    public KindInfo Kind => KindInfo.Of<Edge>();

    public Resource Creating(Transaction transaction, Resource wanted) => edges.Announced((Edge)wanted, transaction.Now);

    public Resource Updating(Transaction transaction, Resource before, Resource wanted)
    {
        var edge = (Edge)wanted;
        recovery.CheckAccepted(transaction, Kind, edge, ((Edge)before).Spec.AcceptedStoreEpoch, edge.Spec.AcceptedStoreEpoch);
        if (edge.Spec.Draining is true && ((Edge)before).Spec.Draining is not true) desk.DrainAll(transaction, edge.Name);
        return edge;
    }

    public void Deleting(Transaction transaction, Resource current)
    {
        if (book.RecoveryEpoch is { } epoch && RecoveryDesk.IsWaitedFor((Edge)current, epoch))
        {
            throw ApiErrors.Conflict(Kind, current.Name, $"the hub was restored, and the edge has not said what it holds; set spec.acceptedStoreEpoch to {epoch} if it holds nothing the hub does not know");
        }

        if (book.Leases.Held(current.Name) is not (> 0 and var count)) return;
        throw ApiErrors.Conflict(Kind, current.Name, $"the edge holds {count} {(count == 1 ? "lease" : "leases")}; set spec.draining to take them back first");
    }
}

/// <summary>Allocations over the API: they come and go with their claims; one that is only kept may be let go.</summary>
sealed class AllocationKindRules : IKindRules
{
    public KindInfo Kind => KindInfo.Of<IPAllocation>();

    public Resource Creating(Transaction transaction, Resource wanted) =>
        throw ApiErrors.Forbidden(Kind, wanted.Name, "allocations are made for claims; create an IPClaim");

    public void Deleting(Transaction transaction, Resource current)
    {
        if (current is not IPAllocation { Status.Phase: AllocationPhase.Ready } held) return;
        throw ApiErrors.Forbidden(Kind, held.Name, $"claim {ClaimReport.Owner(held.Spec.ClaimRef!.Namespace, held.Spec.ClaimRef.Name!)} holds the block; delete the claim");
    }
}
