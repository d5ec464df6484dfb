using System.Collections.Immutable;
using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Keeps the record of each edge: who speaks for it, and when it was heard.</summary>
sealed class EdgeDesk(AddressBook book)
{
    /// <summary>The installations that spoke for an edge before; none of them may come back.</summary>
    const string ReplacedAnnotation = "ipam.federation.io/replaced-incarnations";

    const int ReplacedMax = 16;

    /// <summary>The edge with this installation as its voice, or null when the installation was replaced by another.</summary>
    public Edge? Register(Transaction transaction, string name, string incarnation, string version, IEnumerable<KeyValuePair<string, string>> labels)
    {
        var edge = transaction.Find<Edge>(null, name) ?? new Edge { Metadata = HubObjects.Meta(transaction, name), Spec = new() };
        var replaced = (edge.Metadata.Annotation(ReplacedAnnotation) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (replaced.Contains(incarnation)) return null;
        if (edge.Status?.Incarnation is { } before && before != incarnation)
        {
            transaction.Audit("edge replaced", name, $"incarnation {incarnation} speaks for the edge instead of {before}");
            replaced = [.. replaced.TakeLast(ReplacedMax - 1), before];
        }

        var annotations = edge.Metadata.Annotations ?? ImmutableSortedDictionary<string, string>.Empty;
        return transaction.PutIfChanged(Heard(edge with
        {
            Metadata = edge.Metadata with
            {
                Labels = (edge.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty).SetItems(labels),
                Annotations = replaced.Length == 0 ? edge.Metadata.Annotations : annotations.SetItem(ReplacedAnnotation, string.Join(',', replaced)),
            },
            Status = (edge.Status ?? new()) with { Incarnation = incarnation, AgentVersion = version },
        }, transaction.Now));
    }

    public void Hear(Transaction transaction, Edge edge) => transaction.PutIfChanged(Heard(edge, transaction.Now));

    Edge Heard(Edge edge, DateTimeOffset now) => edge with
    {
        Status = (edge.Status ?? new()) with
        {
            Phase = edge.Spec.Draining is true ? EdgePhase.Draining : EdgePhase.Ready,
            LastHeartbeatTime = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)),
            LeaseCount = book.Leases.Held(edge.Name),
            ObservedGeneration = edge.Metadata.Generation,
            Conditions = (edge.Status?.Conditions ?? []).With(
                [new(ConditionTypes.HubConnected, ConditionStatus.True, Reasons.Connected, $"edge {edge.Name} was heard")], edge.Metadata.Generation ?? 1, now),
        },
    };
}
