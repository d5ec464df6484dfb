using System.Globalization;
using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Brings a restored hub back to knowing all it has handed out: its pools stay closed until every edge has said what it
/// holds and an admin that nobody is missing, or an admin has opened them one by one.
/// </summary>
sealed class RecoveryDesk(AddressBook book)
{
    /// <summary>Names in a message; the count is exact.</summary>
    const int NamesMax = 8;

    /// <summary>Whether the edge is still to say what it holds: what the hub has forgotten is believed until then, and no longer.</summary>
    public bool IsReasserting(Edge edge) => book.RecoveryEpoch is { } epoch && edge.Status?.ReassertedStoreEpoch != epoch;

    /// <summary>The edge has said all it holds.</summary>
    public Edge Reasserted(Transaction transaction, Edge edge)
    {
        transaction.Audit("edge reasserted", edge.Name, $"edge {edge.Name} has said what it holds since the restore {book.RecoveryEpoch}");
        return transaction.Put(edge with { Status = (edge.Status ?? new()) with { ReassertedStoreEpoch = book.RecoveryEpoch } });
    }

    /// <summary>Says how far the recovery has come, and ends it when nothing is missing.</summary>
    public void Refresh(Transaction transaction)
    {
        if (book.RecoveryEpoch is not { } epoch || transaction.Find<FederationObject>(null, FederationObject.SingletonName) is not { } federation) return;
        var waiting = transaction.All<Edge>().Where(edge => IsWaitedFor(edge, epoch)).Select(static edge => edge.Name).ToList();
        var isAccepted = federation.Spec.AcceptedStoreEpoch == epoch;
        var isOver = waiting.Count == 0 && isAccepted;
        if (isOver) transaction.Audit("recovery ended", federation.Name, $"every edge has said what it holds since the restore {epoch}");
        transaction.PutIfChanged(federation with
        {
            Status = federation.Status! with
            {
                Recovery = isOver ? null : federation.Status.Recovery! with { WaitingEdges = waiting.Count },
                Conditions = (federation.Status.Conditions ?? []).With([isOver ? Over() : Waiting(waiting, isAccepted, epoch)], federation.Metadata.Generation ?? 1, transaction.Now),
            },
        });
    }

    /// <summary>What a pool says of the recovery; nothing when the hub never was restored.</summary>
    public static IEnumerable<Finding> FindingsOf(PoolEntry entry)
    {
        if (entry.IsRecovering) return [new(ConditionTypes.Recovered, ConditionStatus.False, Reasons.HubRecovering, "nothing of this pool is handed out until it is known what was handed out since the backup")];
        return entry.Pool.Status?.Conditions?.Find(ConditionTypes.Recovered) is null ? [] : [new(ConditionTypes.Recovered, ConditionStatus.True, Reasons.Recovered, "what is handed out of this pool is known")];
    }

    /// <summary>Checks an admin's word about a restore, and takes it down.</summary>
    public void CheckAccepted(Transaction transaction, KindInfo kind, Resource current, string? before, string? accepted)
    {
        if (accepted is null || accepted == before) return;
        if (accepted != book.RecoveryEpoch)
        {
            throw ApiErrors.Invalid(kind, current.Name, [FieldError.Invalid("spec.acceptedStoreEpoch", accepted, book.RecoveryEpoch is { } epoch ? $"must be the store epoch of the restore under way, {epoch}" : "no restore is under way")]);
        }

        transaction.Audit("restore accepted", current.Name, $"{kind.Name} {current.Name}: {transaction.Actor} vouches that nothing is missing since the restore {accepted}");
    }

    public static bool IsWaitedFor(Edge edge, string epoch) => edge.Status?.ReassertedStoreEpoch != epoch && edge.Spec.AcceptedStoreEpoch != epoch;

    static Finding Over() => new(ConditionTypes.Recovered, ConditionStatus.True, Reasons.Recovered, "every edge has said what it holds");

    static Finding Waiting(List<string> edges, bool isAccepted, string epoch)
    {
        var names = string.Join(", ", edges.Take(NamesMax)) + (edges.Count > NamesMax ? string.Create(CultureInfo.InvariantCulture, $" and {edges.Count - NamesMax} more") : "");
        var missing = (edges.Count, isAccepted) switch
        {
            (0, _) => $"an admin has to say that nobody is missing: spec.acceptedStoreEpoch {epoch}",
            (_, true) => $"these edges have not said what they hold: {names}",
            _ => $"these edges have not said what they hold: {names}; and an admin has to say that nobody else is missing: spec.acceptedStoreEpoch {epoch}",
        };
        return new(ConditionTypes.Recovered, ConditionStatus.False, Reasons.HubRecovering, $"the hub was restored from a backup; {missing}");
    }
}

/// <summary>The fleet's one object over the API: the hub makes and keeps it.</summary>
sealed class FederationKindRules(RecoveryDesk recovery) : IKindRules
{
    public KindInfo Kind => KindInfo.Of<FederationObject>();

    public Resource Creating(Transaction transaction, Resource wanted) => throw ApiErrors.Forbidden(Kind, wanted.Name, "the hub keeps the one object of this kind");

    public Resource Updating(Transaction transaction, Resource before, Resource wanted)
    {
        recovery.CheckAccepted(transaction, Kind, wanted, ((FederationObject)before).Spec.AcceptedStoreEpoch, ((FederationObject)wanted).Spec.AcceptedStoreEpoch);
        return wanted;
    }

    public void Deleting(Transaction transaction, Resource current) => throw ApiErrors.Forbidden(Kind, current.Name, "the hub keeps the one object of this kind");
}
