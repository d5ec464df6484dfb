using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Resources;

[Description("A block bound to a claim. Its name encodes pool and block, so that no second one can exist.")]
[Kind("ipallocations", KindScope.Cluster, ShortName = "ipa", IsNumerous = true)]
[Column("CIDR", ".spec.cidr")]
[Column("Pool", ".spec.poolRef.name")]
[Column("Namespace", ".spec.claimRef.namespace")]
[Column("Claim", ".spec.claimRef.name")]
[Column("Phase", ".status.phase")]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
[SelectableField("spec.cidr")]
[SelectableField("spec.poolRef.name")]
[SelectableField("spec.claimRef.name")]
[SelectableField("spec.claimRef.namespace")]
public sealed record IPAllocation : Resource<IPAllocationSpec, IPAllocationStatus>
{
    /// <summary>The one name of a block of a pool: <c>{pool}.10-0-1-0-24</c>, IPv6 with all eight groups.</summary>
    public static string NameOf(string pool, Cidr block) => $"{pool}.{BlockName.Of(block)}";

    /// <summary>The pool in the name of a block's allocation; null when the name is not one of this block.</summary>
    public static string? PoolOf(string name, Cidr block) => name.EndsWith($".{BlockName.Of(block)}", StringComparison.Ordinal) ? name[..^(BlockName.Of(block).Length + 1)] : null;
}

public sealed record IPAllocationSpec
{
    [Description("The block.")]
    [ImmutableField]
    [Required]
    public Cidr? Cidr { get; init; }

    [Description("The pool the block lies in.")]
    [ImmutableField]
    [Required]
    public PoolReference? PoolRef { get; init; }

    [Description("The claim that holds the block.")]
    [Required]
    public ClaimReference? ClaimRef { get; init; }

    [Description("Delete or Retain, as the claim had it.")]
    public ReclaimPolicy? ReclaimPolicy { get; init; }
}

public sealed record ClaimReference
{
    [Description("The claim's namespace.")]
    [Required, MinLength(1), MaxLength(63)]
    public string? Namespace { get; init; }

    [Description("The claim's name.")]
    [Required, MinLength(1), MaxLength(253)]
    public string? Name { get; init; }

    [Description("Of the claim; a new claim of the same name is another holder.")]
    [Required, MinLength(1), MaxLength(64)]
    public string? Uid { get; init; }
}

/// <summary>Where an allocation stands. Retained: its claim is gone and the block waits for one of the same name; Resting: freed, not yet reusable.</summary>
public enum AllocationPhase { Unspecified = 0, Ready, Retained, Resting }

public sealed record IPAllocationStatus
{
    [Description("Ready, Retained or Resting; an edge leaves Ready out.")]
    public AllocationPhase? Phase { get; init; }

    [Description("When a resting block may be handed out again.")]
    public DateTimeOffset? ReusableAt { get; init; }

    [Description("What was found about the allocation.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
