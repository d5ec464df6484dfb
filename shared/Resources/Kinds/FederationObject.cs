using System.ComponentModel;
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

public sealed record FederationSpec;

public sealed record FederationStatus
{
    [Description("How many edges there are.")]
    public EdgeCounts? Edges { get; init; }

    [Description("What was found about the fleet.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

public sealed record EdgeCounts
{
    [Description("All edges.")]
    public int? Total { get; init; }

    [Description("Those that are ready.")]
    public int? Ready { get; init; }
}
