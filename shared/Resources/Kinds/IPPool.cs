using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Resources;

[Description("Address space on offer. A root pool is declared by its CIDR; a child pool is a block of its parent.")]
[Kind("ippools", KindScope.Cluster, ShortName = "ipp", NameIsLabel = true)]
[Column("CIDR", ".status.allocatedCIDR")]
[Column("Family", ".status.ipFamily")]
[Column("Phase", ".status.phase")]
[Column("Parent", ".spec.parentPoolRef.name")]
[Column("Used", ".status.utilizationPercent")]
[Column("Available", ".status.capacity.available", Priority = 1)]
[Column("Ready", ".status.conditions[?(@.type==\"Ready\")].reason", Priority = 1)]
[Column("Age", ".metadata.creationTimestamp", Type = "date")]
[SelectableField("spec.ipFamily")]
[SelectableField("spec.parentPoolRef.name")]
public sealed record IPPool : Resource<IPPoolSpec, IPPoolStatus>
{
    /// <summary>Whether this pool is a block of another, rather than space of its own.</summary>
    public bool IsChild() => Spec.ParentPoolRef is not null;

    /// <summary>The block this pool offers, once it has one.</summary>
    public Cidr? Block() => Status?.AllocatedCIDR ?? (IsChild() ? null : Spec.Cidr);
}

[Rule("has(self.parentPoolRef) || has(self.cidr)", "a root pool needs its address space in cidr, as 10.0.0.0/16")]
[Rule("has(self.parentPoolRef) || !has(self.prefixLength)", "only a child pool (with parentPoolRef) is declared by its prefixLength")]
[Rule("!has(self.parentPoolRef) || has(self.cidr) != has(self.prefixLength)", "a child pool needs exactly one of prefixLength and cidr")]
[Rule("!has(self.parentPoolRef) || !has(self.leasing)", "a child pool cannot be leased from: leasing is for root pools")]
[Rule(BlockWish.FamilyRule, BlockWish.FamilyMessage)]
public sealed record IPPoolSpec : IValidated
{
    [Description("The pool's address space in canonical form. Required for a root pool; a child pool may name a particular block of its parent.")]
    [ImmutableField]
    public Cidr? Cidr { get; init; }

    [Description("IPv4 or IPv6. Derived from the CIDR or the parent; must match it when given.")]
    [ImmutableField]
    public IPFamily? IpFamily { get; init; }

    [Description("The pool this one is a block of. Makes it a child pool.")]
    [ImmutableField]
    public PoolReference? ParentPoolRef { get; init; }

    [Description("Size of a child pool, as a prefix length.")]
    [ImmutableField]
    [Bounds(0, 128)]
    public int? PrefixLength { get; init; }

    [Description("How blocks are chosen, and which sizes may be claimed.")]
    public AllocationRules? Allocation { get; init; }

    [Description("Blocks inside the pool that are never handed out.")]
    [MaxLength(1024)]
    public IReadOnlyList<Cidr>? Reservations { get; init; }

    [Description("Whether and how edges may lease blocks of this root pool.")]
    public LeasingRules? Leasing { get; init; }

    [Description("After a restore of the hub: the store epoch of it, as the word of an admin that nothing of this pool is in use but what the hub knows. The pool opens at once.")]
    [MaxLength(64)]
    public string? AcceptedStoreEpoch { get; init; }

    public IEnumerable<FieldError> Validate()
    {
        if (ParentPoolRef is null)
        {
            if (Cidr is null) yield return FieldError.Required("cidr", "a root pool needs its address space, as 10.0.0.0/16");
            if (PrefixLength is not null) yield return FieldError.Forbidden("prefixLength", "only a child pool (with parentPoolRef) is declared by its size");
        }
        else
        {
            if ((Cidr is null) == (PrefixLength is null)) yield return FieldError.Required("prefixLength", "a child pool needs exactly one of prefixLength and cidr");
            if (Leasing is not null) yield return FieldError.Forbidden("leasing", "a child pool cannot be leased from");
        }

        if (Cidr is { } cidr && IpFamily is { } family && cidr.Family != family)
        {
            yield return FieldError.Invalid("ipFamily", family, $"{cidr} is {cidr.Family}");
        }

        foreach (var error in ReservationErrors()) yield return error;
        foreach (var error in BoundErrors("allocation", Allocation?.MinPrefixLength, Allocation?.MaxPrefixLength, Allocation?.DefaultPrefixLength)) yield return error;
        foreach (var error in BoundErrors("leasing", Leasing?.MinPrefixLength, Leasing?.MaxPrefixLength, Leasing?.DefaultPrefixLength)) yield return error;
    }

    IEnumerable<FieldError> ReservationErrors()
    {
        var ordered = (Reservations ?? []).Select((block, index) => (Block: block, Index: index)).OrderBy(entry => entry.Block).ToList();
        foreach (var (block, index) in ordered)
        {
            if (Cidr is { } cidr && !cidr.Contains(block)) yield return FieldError.Invalid($"reservations[{index}]", block, $"is not inside {cidr}");
        }

        for (var i = 1; i < ordered.Count; i++)
        {
            if (ordered[i - 1].Block.Overlaps(ordered[i].Block))
            {
                yield return FieldError.Invalid($"reservations[{ordered[i].Index}]", ordered[i].Block, $"overlaps {ordered[i - 1].Block}");
            }
        }
    }

    IEnumerable<FieldError> BoundErrors(string part, int? min, int? max, int? preset)
    {
        var shortest = Cidr?.Length ?? PrefixLength ?? 0;
        var longest = Cidr?.Width ?? (IpFamily is IPFamily.IPv4 ? 32 : 128);
        foreach (var (name, value) in new[] { ("minPrefixLength", min), ("maxPrefixLength", max), ("defaultPrefixLength", preset) })
        {
            if (value < shortest || value > longest) yield return FieldError.Invalid($"{part}.{name}", value, $"must be between {shortest} and {longest} for this pool");
        }

        if (min > max) yield return FieldError.Invalid($"{part}.minPrefixLength", min, $"must not exceed maxPrefixLength {max}");
        if (preset < min || preset > max) yield return FieldError.Invalid($"{part}.defaultPrefixLength", preset, $"must lie between minPrefixLength and maxPrefixLength");
    }
}

public sealed record PoolReference
{
    [Description("The pool's name.")]
    [Required, MinLength(1), MaxLength(63)]
    public string? Name { get; init; }
}

[Rule(SizeBounds.OrderRule, SizeBounds.OrderMessage)]
[Rule(SizeBounds.PresetRule, SizeBounds.PresetMessage)]
public sealed record AllocationRules
{
    [Description("FirstFit (lowest address), BestFit (tightest free region), LeastUtilized (emptiest of several matching pools) or Sparse (room for holders to double in place). Default: FirstFit.")]
    [DefaultValue(PlacementStrategy.FirstFit)]
    public PlacementStrategy? Strategy { get; init; }

    [Description("Shortest prefix, so largest block, that may be claimed. Default: the pool's own.")]
    [Bounds(0, 128)]
    public int? MinPrefixLength { get; init; }

    [Description("Longest prefix, so smallest block, that may be claimed. Default: 32 or 128.")]
    [Bounds(0, 128)]
    public int? MaxPrefixLength { get; init; }

    [Description("What a claim gets that names no prefix length. Default: maxPrefixLength.")]
    [Bounds(0, 128)]
    public int? DefaultPrefixLength { get; init; }

    [Description("How long a released block rests before it is handed out again, in seconds. Default: 0.")]
    [Bounds(0, 31_536_000)]
    public long? ReuseDelaySeconds { get; init; }
}

[Rule(SizeBounds.OrderRule, SizeBounds.OrderMessage)]
[Rule(SizeBounds.PresetRule, SizeBounds.PresetMessage)]
public sealed record LeasingRules
{
    [Description("Whether edges may lease from this pool. Default: true.")]
    [DefaultValue(true)]
    public bool? Enabled { get; init; }

    [Description("Shortest prefix, so largest block, an edge may lease.")]
    [Bounds(0, 128)]
    public int? MinPrefixLength { get; init; }

    [Description("Longest prefix, so smallest block, an edge may lease.")]
    [Bounds(0, 128)]
    public int? MaxPrefixLength { get; init; }

    [Description("The block size an edge asks for when it needs room.")]
    [Bounds(0, 128)]
    public int? DefaultPrefixLength { get; init; }

    [Description("How many leases of this pool one edge may hold. Default: no limit.")]
    [Bounds(0, 1_000_000)]
    public int? MaxLeasesPerEdge { get; init; }

    [Description("Which edges may lease, by the labels of their Edge objects. Default: all.")]
    public LabelSelector? EdgeSelector { get; init; }
}

/// <summary>Where a pool stands. Ready: there is room; Exhausted: there is none; Draining: nothing new; Error: no block.</summary>
public enum PoolPhase { Unspecified = 0, Pending, Ready, Exhausted, Draining, Error }

public sealed record IPPoolStatus
{
    [Description("Pending, Ready, Exhausted, Draining or Error.")]
    public PoolPhase? Phase { get; init; }

    [Description("The block this pool offers.")]
    public Cidr? AllocatedCIDR { get; init; }

    [Description("IPv4 or IPv6.")]
    public IPFamily? IpFamily { get; init; }

    [Description("What the addresses are used for.")]
    public PoolCapacity? Capacity { get; init; }

    [Description("Share of the pool that is allocated or leased, in percent with up to four decimals.")]
    public double? UtilizationPercent { get; init; }

    [Description("Prefix length of the largest block that is free.")]
    public int? LargestFreePrefixLength { get; init; }

    [Description("Of a root pool at the hub: addresses lent to edges, and those of them that the edges last said are allocated.")]
    public LeaseUsage? Usage { get; init; }

    [Description("The generation of the spec the status is about.")]
    public long? ObservedGeneration { get; init; }

    [Description("What was found about the pool.")]
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>Counts of addresses, exact, as decimal strings: IPv6 does not fit in 64 bits.</summary>
public sealed record PoolCapacity
{
    [Description("All addresses of the pool.")]
    public string? Total { get; init; }

    [Description("Held by allocations and child pools.")]
    public string? Allocated { get; init; }

    [Description("Lent to edges.")]
    public string? Leased { get; init; }

    [Description("Free to hand out: neither held, lent, reserved nor resting.")]
    public string? Available { get; init; }
}

/// <summary>The rules that bounds of block sizes share, wherever they are given.</summary>
static class SizeBounds
{
    public const string OrderRule = "!has(self.minPrefixLength) || !has(self.maxPrefixLength) || self.minPrefixLength <= self.maxPrefixLength";
    public const string OrderMessage = "minPrefixLength must not exceed maxPrefixLength";
    public const string PresetRule = "!has(self.defaultPrefixLength) || ((!has(self.minPrefixLength) || self.minPrefixLength <= self.defaultPrefixLength) && (!has(self.maxPrefixLength) || self.defaultPrefixLength <= self.maxPrefixLength))";
    public const string PresetMessage = "defaultPrefixLength must lie between minPrefixLength and maxPrefixLength";
}
