using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Resources;

[Description("An edge agent known to the hub.")]
[Kind("edges", KindScope.Cluster, NameIsLabel = true)]
[Column("Phase", ".status.phase")]
[Column("Leases", ".status.leaseCount", Type = "integer")]
[Column("Version", ".status.agentVersion")]
[Column("Heartbeat", ".status.lastHeartbeatTime", Type = "date")]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
public sealed record Edge : Resource<EdgeSpec, EdgeStatus>;

public sealed record EdgeSpec
{
    [Description("No new leases; what the edge holds it keeps.")]
    public bool? Cordoned { get; init; }

    [Description("Take all leases back as they become empty.")]
    public bool? Draining { get; init; }

    [Description("How many leases this edge may hold over all pools. Default: no limit.")]
    [Bounds(0, 1_000_000)]
    public int? MaxLeases { get; init; }

    [Description("After a restore of the hub: the store epoch of it, as the word of an admin that this edge holds nothing the hub does not know.")]
    [MaxLength(64)]
    public string? AcceptedStoreEpoch { get; init; }
}

/// <summary>Where an edge stands, as the hub sees it.</summary>
public enum EdgePhase { Unspecified = 0, Pending, Ready, Silent, Draining }

public sealed record EdgeStatus
{
    [Description("Pending, Ready, Silent or Draining.")]
    public EdgePhase? Phase { get; init; }

    [Description("The agent's version.")]
    public string? AgentVersion { get; init; }

    [Description("Id of the agent installation that speaks for this edge.")]
    public string? Incarnation { get; init; }

    [Description("When the edge was last heard.")]
    public DateTimeOffset? LastHeartbeatTime { get; init; }

    [Description("The last restore of the hub after which the edge has said all it holds.")]
    public string? ReassertedStoreEpoch { get; init; }

    [Description("Address space the edge uses by other means: nothing of it is lent to the edge.")]
    public IReadOnlyList<Cidr>? LocalCIDRs { get; init; }

    [Description("How many leases it holds.")]
    public int? LeaseCount { get; init; }

    [Description("Addresses in the blocks it holds.")]
    public PoolCapacity? Capacity { get; init; }

    [Description("The generation of the spec the status is about.")]
    public long? ObservedGeneration { get; init; }

    [Description("What was found about the edge.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
