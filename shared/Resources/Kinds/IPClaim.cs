using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Resources;

[Description("A wish for a block of addresses. It ends with the same status at the hub and at an edge.")]
[Kind("ipclaims", KindScope.Namespaced, ShortName = "ipc", IsNumerous = true)]
[Column("Phase", ".status.phase")]
[Column("CIDR", ".status.allocatedCIDR")]
[Column("Pool", ".status.boundPoolRef.name")]
[Column("Reason", ".status.conditions[?(@.type==\"Allocated\")].reason")]
[Column("Allocation", ".status.boundAllocationRef.name", Priority = 1)]
[Column("Message", ".status.conditions[?(@.type==\"Allocated\")].message", Priority = 1)]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
[SelectableField("spec.ipFamily")]
[SelectableField("spec.poolRef.name")]
[SelectableField("status.phase")]
public sealed record IPClaim : Resource<IPClaimSpec, IPClaimStatus>;

[Rule("has(self.poolRef) != has(self.poolSelector)", "exactly one of poolRef and poolSelector must be given")]
[Rule(BlockWish.SizeRule, BlockWish.SizeMessage)]
[Rule(BlockWish.FamilyRule, BlockWish.FamilyMessage)]
[Rule(BlockWish.LengthRule, BlockWish.LengthMessage)]
[Rule(BlockWish.WholeRule, BlockWish.WholeMessage)]
public sealed record IPClaimSpec : IValidated
{
    [Description("The pool to allocate from. Exactly one of poolRef and poolSelector.")]
    [ImmutableField]
    public PoolReference? PoolRef { get; init; }

    [Description("Which pools will do, by label. Exactly one of poolRef and poolSelector.")]
    [ImmutableField]
    public LabelSelector? PoolSelector { get; init; }

    [Description("Size of the block wanted. Default: the pool's.")]
    [ImmutableField]
    [Bounds(1, 128)]
    public int? PrefixLength { get; init; }

    [Description("IPv4 or IPv6; the pool must be of this family.")]
    [ImmutableField]
    public IPFamily? IpFamily { get; init; }

    [Description("A particular block, in canonical form.")]
    [ImmutableField]
    public Cidr? Cidr { get; init; }

    [Description("Delete (default) frees the block with the claim; Retain keeps it for a claim of the same name.")]
    [DefaultValue(Resources.ReclaimPolicy.Delete)]
    public ReclaimPolicy? ReclaimPolicy { get; init; }

    public IEnumerable<FieldError> Validate() =>
        BlockWish.Errors("pool", PoolRef is not null, PoolSelector is not null, PrefixLength, IpFamily, Cidr);
}

/// <summary>What becomes of a block when its claim is deleted.</summary>
public enum ReclaimPolicy { Unspecified = 0, Delete, Retain }

/// <summary>Where a claim stands.</summary>
public enum ClaimPhase { Unspecified = 0, Pending, Bound, Releasing, Error }

public sealed record IPClaimStatus
{
    [Description("Pending, Bound, Releasing or Error.")]
    public ClaimPhase? Phase { get; init; }

    [Description("The block this claim holds. Never changes once set.")]
    public Cidr? AllocatedCIDR { get; init; }

    [Description("The pool the block is of, as the claim sees it.")]
    public PoolReference? BoundPoolRef { get; init; }

    [Description("The IPAllocation that records the block.")]
    public NameReference? BoundAllocationRef { get; init; }

    [Description("The generation of the spec the status is about.")]
    public long? ObservedGeneration { get; init; }

    [Description("What was found about the claim.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>The name of another object.</summary>
public sealed record NameReference
{
    [Description("The name of the object.")]
    [Required, MinLength(1), MaxLength(253)]
    public string? Name { get; init; }
}

/// <summary>The rules that claims and pool claims share between their fields.</summary>
static class BlockWish
{
    public const string SizeRule = "!has(self.ipFamily) || self.ipFamily != 'IPv4' || !has(self.prefixLength) || self.prefixLength <= 32";
    public const string SizeMessage = "prefixLength must not exceed 32 for IPv4";
    public const string FamilyRule = "!has(self.ipFamily) || !has(self.cidr) || self.cidr.contains(':') == (self.ipFamily == 'IPv6')";
    public const string FamilyMessage = "cidr must be of the family ipFamily says";
    public const string LengthRule = "!has(self.cidr) || !has(self.prefixLength) || self.cidr.endsWith('/' + string(self.prefixLength))";
    public const string LengthMessage = "cidr must be of the size prefixLength says";
    public const string WholeRule = "!has(self.cidr) || !self.cidr.endsWith('/0')";
    public const string WholeMessage = "the prefix length of cidr must be between 1 and 128";

    public static IEnumerable<FieldError> Errors(string target, bool byName, bool bySelector, int? prefixLength, IPFamily? family, Cidr? cidr)
    {
        if (byName && bySelector) yield return FieldError.Forbidden($"{target}Selector", $"{target}Ref and {target}Selector are mutually exclusive");
        if (!byName && !bySelector) yield return FieldError.Required($"{target}Ref", $"exactly one of {target}Ref and {target}Selector must be given");
        if (family is IPFamily.IPv4 && prefixLength > 32) yield return FieldError.Invalid("prefixLength", prefixLength, "must not exceed 32 for IPv4");
        if (cidr is not { } block) yield break;

        if (family is { } wanted && wanted != block.Family) yield return FieldError.Invalid("ipFamily", wanted, $"{block} is {block.Family}");
        if (prefixLength is { } length && length != block.Length) yield return FieldError.Invalid("prefixLength", length, $"{block} has prefix length {block.Length}");
        if (block.Length == 0) yield return FieldError.Invalid("cidr", block.ToString(), "prefix length must be between 1 and 128");
    }
}
