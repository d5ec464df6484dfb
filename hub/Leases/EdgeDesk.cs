using System.Collections.Concurrent;
using System.Collections.Immutable;
using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Keeps the record of each edge: who speaks for it, and when it was heard.</summary>
sealed class EdgeDesk(AddressBook book, LeaseTerms terms, TimeProvider time)
{
    readonly long started = time.GetTimestamp();
    readonly ConcurrentDictionary<string, long> heard = new(StringComparer.Ordinal);

    /// <summary>
    /// The edge with this installation as its voice. Null when another one speaks for it and holds leases: two sites of
    /// one name must not share blocks, and which of them is the right one only an admin can say.
    /// </summary>
    public Edge? Register(Transaction transaction, string name, string incarnation, string version, IEnumerable<KeyValuePair<string, string>> labels, IReadOnlyList<Cidr>? localCidrs = null)
    {
        var edge = transaction.Find<Edge>(null, name) ?? new Edge { Metadata = HubObjects.Meta(transaction, name), Spec = new() };
        if (edge.Status?.Incarnation is { } before && before != incarnation)
        {
            if (Usable(name).Any()) return null;
            transaction.Audit("edge replaced", name, $"installation {incarnation} speaks for the edge instead of {before}");
        }

        return Heard(transaction, edge with
        {
            Metadata = edge.Metadata with { Labels = (edge.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty).SetItems(labels) },
            Status = (edge.Status ?? new()) with { Incarnation = incarnation, AgentVersion = version, LocalCIDRs = localCidrs is { Count: > 0 } ? localCidrs : null },
        });
    }

    public void Hear(Transaction transaction, Edge edge) => Heard(transaction, edge);

    /// <summary>Whether an edge has not been heard for so long that it is to be reported.</summary>
    public bool IsToBeSilent(Edge edge) => edge.Status is { Incarnation: not null, Phase: not EdgePhase.Silent }
        && time.GetElapsedTime(heard.GetValueOrDefault(edge.Name, started)) >= terms.SilenceGrace;

    /// <summary>Says of an edge, and of its leases, that it is silent.</summary>
    public void Miss(Transaction transaction, Edge edge)
    {
        Say(transaction, edge, EdgePhase.Silent, new(ConditionTypes.HubConnected, ConditionStatus.False, Reasons.EdgeHeartbeatMissed,
            $"edge {edge.Name} has not been heard for {terms.SilenceGrace.TotalMinutes:0} minutes; it keeps its leases"));
        Restate(transaction, edge.Name);
    }

    /// <summary>Says what is new of an edge's leases, and of one that was announced that it has not been heard.</summary>
    public void Refresh(Transaction transaction, string name)
    {
        if (transaction.Find<Edge>(null, name) is { } edge) Say(transaction, edge, PhaseOf(edge), heard: null);
        book.Tree.Edges.Take(name);
    }

    Edge Heard(Transaction transaction, Edge edge)
    {
        heard[edge.Name] = time.GetTimestamp();
        var wasSilent = edge.Status?.Phase is EdgePhase.Silent;
        var said = Say(transaction, edge with { Status = (edge.Status ?? new()) with { LastHeartbeatTime = transaction.Now.AddTicks(-(transaction.Now.Ticks % TimeSpan.TicksPerSecond)) } },
            edge.Spec.Draining is true ? EdgePhase.Draining : EdgePhase.Ready, new(ConditionTypes.HubConnected, ConditionStatus.True, Reasons.Connected, $"edge {edge.Name} was heard"));
        if (wasSilent) Restate(transaction, edge.Name);
        return said;
    }

    static EdgePhase PhaseOf(Edge edge) => edge.Status?.Phase switch
    {
        null or EdgePhase.Pending => EdgePhase.Pending,
        EdgePhase.Silent => EdgePhase.Silent,
        _ => edge.Spec.Draining is true ? EdgePhase.Draining : EdgePhase.Ready,
    };

    /// <summary>An edge that an admin announces, before it is heard.</summary>
    public Edge Announced(Edge edge, DateTimeOffset now) => Said(edge, EdgePhase.Pending, heard: null, now);

    Edge Say(Transaction transaction, Edge edge, EdgePhase phase, Finding? heard) => transaction.PutIfChanged(Said(edge, phase, heard, transaction.Now));

    /// <param name="heard">What is found of the connection; null when nothing is.</param>
    Edge Said(Edge edge, EdgePhase phase, Finding? heard, DateTimeOffset now)
    {
        var (generation, said) = (edge.Metadata.Generation ?? 1, edge.Status?.Conditions ?? []);
        heard ??= said.Find(ConditionTypes.HubConnected) is { } known
            ? new(known.Type, known.Status, known.Reason, known.Message)
            : new(ConditionTypes.HubConnected, ConditionStatus.Unknown, Reasons.Pending, $"edge {edge.Name} has not been heard yet");
        var conditions = said.With([heard], generation, now);
        var isNews = book.Tree.Edges.Take(edge.Name) | edge.Status?.ObservedGeneration != generation;
        return edge with
        {
            Status = (edge.Status ?? new()) with
            {
                Phase = phase,
                LeaseCount = book.Leases.Held(edge.Name),
                ObservedGeneration = generation,
                Conditions = isNews ? conditions.WithChildren(ChildWords.LeasesOfEdge, book.Tree.Edges.Of(edge.Name), generation, now) : conditions,
            },
        };
    }

    void Restate(Transaction transaction, string edge)
    {
        foreach (var lease in Usable(edge).ToList()) transaction.PutLease(lease, "the edge was heard, or was not");
    }

    /// <summary>The leases an edge may use, or may confirm.</summary>
    IEnumerable<Lease> Usable(string edge) => book.Leases.All.Where(lease => lease.Edge == edge && (lease.IsInUse || lease.Phase is LeasePhase.Offered));
}
