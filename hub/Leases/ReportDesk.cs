using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;

namespace Federation.Hub;

/// <summary>
/// Takes an edge's report in, in one transaction: new terms, what is used, and after a restore what the edge holds that
/// the hub has forgotten. Each lease is answered by itself.
/// </summary>
sealed class ReportDesk(LeaseDesk leases, RecoveryDesk recovery, ReportBook reports, AbsentLeases absent, HubMetrics metrics)
{
    /// <summary>A count of what is used that does not fit the block. Only the metric tells of it.</summary>
    public const string ImplausibleUsage = "IMPLAUSIBLE_USAGE";

    const int TextMax = 64;

    public List<RenewalOutcome> Take(Transaction transaction, Edge edge, RenewLeasesRequest request)
    {
        var isReasserting = recovery.IsReasserting(edge);
        var named = request is { FullReport: true, Parts: <= 1 } ? new SortedSet<string>(request.Leases.Select(static renewal => renewal.LeaseId), StringComparer.Ordinal) : null;
        List<RenewalOutcome> outcomes = [.. request.Leases.Select(renewal =>
            Reassert(transaction, edge.Name, renewal, named, isReasserting) is { } refused ? refused : Renew(transaction, edge.Name, renewal))];
        var whole = reports.Take(edge.Name, request, isKnown: outcomes.TrueForAll(static outcome => outcome.Lease is not null));
        if (isReasserting && whole is { IsKnown: true, MadeAfter: not null } && !IsDoubtful(edge, whole)) recovery.Reasserted(transaction, edge);
        else if (!isReasserting && whole is not null) absent.Take(edge.Name, whole);
        return outcomes;
    }

    /// <summary>
    /// An edge that has nothing where the hub knows of leases in use may have lost what it knew: an admin is to look. What was only offered it need not have:
    /// it may wait for this very recovery to end before it is confirmed.
    /// </summary>
    bool IsDoubtful(Edge edge, WholeReport report) => report.Leases.Count == 0 && leases.InUse(edge.Name).Any();

    /// <summary>Takes up what the edge holds, as far as it is to be believed; the outcome when that is refused.</summary>
    RenewalOutcome? Reassert(Transaction transaction, string edge, LeaseRenewal renewal, SortedSet<string>? named, bool isReasserting)
    {
        if (HeldOf(edge, renewal) is not { } held) return renewal.Held is null || !isReasserting ? null : Refused(transaction, edge, renewal.LeaseId, ErrorReason.InvalidRequest);
        if (!isReasserting && !leases.IsBehind(transaction, held)) return null;
        return leases.Reassert(transaction, held, id => named?.Contains(id) is false) is LeaseDecision.Refused(var refusal, _)
            ? Refused(transaction, edge, renewal.LeaseId, LeaseAnswers.ReasonOf(refusal))
            : null;
    }

    RenewalOutcome Renew(Transaction transaction, string edge, LeaseRenewal renewal)
    {
        return leases.Renew(transaction, renewal.LeaseId, edge, renewal.Epoch, UsageOf(transaction, renewal), renewal.UsageOnly) switch
        {
            LeaseDecision.Refused(var refusal, _) => Refused(transaction, edge, renewal.LeaseId, LeaseAnswers.ReasonOf(refusal)),
            var decision => new() { LeaseId = renewal.LeaseId, Lease = LeaseAnswers.LeaseOf(decision).ToWire(leases.Terms) },
        };
    }

    RenewalOutcome Refused(Transaction transaction, string edge, string id, ErrorReason reason)
    {
        metrics.Refused(reason.WireName);
        return new() { LeaseId = id, Error = reason, Lease = Known(transaction, id, edge) };
    }

    /// <summary>What an edge says is used of a block; null when it says nothing, or what cannot be: that counts for nothing.</summary>
    LeaseUsage? UsageOf(Transaction transaction, LeaseRenewal renewal)
    {
        if (renewal.Usage is not { } said || transaction.Find<IPLease>(null, renewal.LeaseId) is not { Spec.Cidr: { } block }) return null;
        if (AddressCount.TryParse(said.Total, out var total) && AddressCount.TryParse(said.Allocated, out var allocated) && total == block.Count && allocated.CompareTo(total) <= 0)
        {
            return new() { Total = total.ToString(), Allocated = allocated.ToString(), ObservedAt = transaction.Now };
        }

        metrics.Refused(ImplausibleUsage);
        return null;
    }

    /// <summary>The lease as the hub has it: how an edge with a stale epoch learns what became of it.</summary>
    Proto.V1.Lease? Known(Transaction transaction, string id, string edge) =>
        transaction.Find<IPLease>(null, id) is { } stored && stored.Spec.EdgeName == edge ? stored.ToLease().ToWire(leases.Terms) : null;

    /// <summary>What the edge says of a lease, if that can be read.</summary>
    static Domain.Leases.HeldLease? HeldOf(string edge, LeaseRenewal renewal) => renewal.Held is { } held
        && held.Pool.Length is > 0 and <= TextMax && held.RequestId.Length is > 0 and <= TextMax && held.StickyKey.Length <= 400 && Cidr.TryParse(held.Cidr, out var block)
        ? new()
        {
            Id = renewal.LeaseId,
            Edge = edge,
            Epoch = renewal.Epoch,
            Pool = held.Pool,
            Block = block,
            RequestId = held.RequestId,
            StickyKey = held.StickyKey.Length == 0 ? null : held.StickyKey,
        }
        : null;
}
