using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Conditions;

namespace Federation.Resources;

[Description("The fleet as a whole. The hub keeps one, named hub.")]
[Kind("federations", KindScope.Cluster, KindName = "Federation", ShortName = "fed", Singleton = "hub")]
[Column("Edges", ".status.edges.total", Type = "integer")]
[Column("Ready", ".status.edges.ready", Type = "integer")]
[Column("Message", ".status.conditions[?(@.type==\"Ready\")].message")]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record FederationObject : Resource<FederationSpec, FederationStatus>
{
    /// <summary>The name of the one object of this kind.</summary>
    public const string SingletonName = "hub";
}

public sealed record FederationSpec
{
    [Description("After a restore: the store epoch of it, as the word of an admin that no edge joined and no claim was made at the hub since the backup, but what is there. Pools then open once every edge has said what it holds.")]
    [MaxLength(64)]
    public string? AcceptedStoreEpoch { get; init; }
}

public sealed record FederationStatus
{
    [Description("How many edges there are.")]
    public EdgeCounts? Edges { get; init; }

    [Description("The restore the hub has not recovered from yet.")]
    public Recovery? Recovery { get; init; }

    [Description("What was found about the fleet.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>A restore from a backup: until it is over nothing is handed out that may have been handed out since that backup.</summary>
public sealed record Recovery
{
    [Description("Names the store since the restore.")]
    public string? StoreEpoch { get; init; }

    [Description("When the hub was restored.")]
    public DateTimeOffset? RestoredAt { get; init; }

    [Description("How many edges have not said yet what they hold.")]
    public int? WaitingEdges { get; init; }
}

public sealed record EdgeCounts
{
    [Description("All edges.")]
    public int? Total { get; init; }

    [Description("Those that are ready.")]
    public int? Ready { get; init; }
}
