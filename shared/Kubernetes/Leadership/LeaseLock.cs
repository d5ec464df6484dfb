using System.ComponentModel;
using System.Text.Json.Serialization;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>A cluster's Lease: who of several may act. No lease of addresses.</summary>
[Description("A lock that must be renewed.")]
[Kind("leases", KindScope.Namespaced, Group = "coordination.k8s.io", Version = "v1", KindName = "Lease", Category = "")]
public sealed record LeaseLock : Resource
{
    [JsonPropertyOrder(-1)]
    public LeaseLockSpec Spec { get; init; } = new();

    public override Resource WithStatusOf(Resource other) => this;

    [JsonIgnore]
    public override object? Intent => Spec;

    [JsonIgnore]
    public override object? Report => null;
}

public sealed record LeaseLockSpec
{
    /// <summary>Who holds it; empty or null for nobody.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>How long after a renewal others leave it alone.</summary>
    public int? LeaseDurationSeconds { get; init; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? AcquireTime { get; init; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often it has gone from one holder to another.</summary>
    public int? LeaseTransitions { get; init; }
}
