using System.Globalization;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>The one place a pool's status is made, and its rules are read.</summary>
public static class PoolReport
{
    /// <summary>Prefix lengths claims may have, and the strategy.</summary>
    public static PoolRules Rules(this IPPoolSpec spec, Cidr block) => PoolRules.Of(block,
        spec.Allocation?.MinPrefixLength, spec.Allocation?.MaxPrefixLength, spec.Allocation?.DefaultPrefixLength, spec.Allocation?.Strategy);

    /// <summary>Prefix lengths leases of a root pool may have. Where the pool does not say: three quarters of its host bits.</summary>
    public static PoolRules LeaseSizes(this IPPoolSpec spec, Cidr root)
    {
        var preset = root.Width - ((root.Width - root.Length) * 3 / 4);
        return PoolRules.Of(root, spec.Leasing?.MinPrefixLength, spec.Leasing?.MaxPrefixLength, spec.Leasing?.DefaultPrefixLength ?? preset, spec.Allocation?.Strategy);
    }

    /// <summary>The pool's status with what its space says. <paramref name="ready"/> is what it says of itself.</summary>
    public static IPPool Reported(this IPPool pool, PoolSpace space, IEnumerable<Finding> ready, DateTimeOffset now)
    {
        var capacity = space.Capacity;
        var status = pool.Status ?? new();
        return pool with
        {
            Status = status with
            {
                Phase = pool.Metadata.IsDeleting() || status.Phase is PoolPhase.Draining ? PoolPhase.Draining : space.IsExhausted ? PoolPhase.Exhausted : PoolPhase.Ready,
                AllocatedCIDR = space.Root,
                IpFamily = space.Root.Family,
                Capacity = new PoolCapacity
                {
                    Total = capacity.Total.ToString(),
                    Allocated = capacity.Allocated.ToString(),
                    Leased = capacity.Leased.ToString(),
                    Available = capacity.Available.ToString(),
                },
                UtilizationPercent = space.UtilizationPercent,
                LargestFreePrefixLength = space.LargestFreePrefixLength,
                ObservedGeneration = pool.Metadata.Generation,
                Conditions = (status.Conditions ?? []).With(ready, pool.Metadata.Generation ?? 1, now),
            },
        };
    }

    /// <summary>A pool that has no block, and why.</summary>
    public static IPPool WithoutBlock(this IPPool pool, Finding allocated, DateTimeOffset now)
    {
        var status = pool.Status ?? new();
        var ready = new Finding(ConditionTypes.Ready, ConditionStatus.False, Reasons.WaitingParent, allocated.Message);
        return pool with
        {
            Status = status with
            {
                Phase = allocated.Status is ConditionStatus.False ? PoolPhase.Error : PoolPhase.Pending,
                ObservedGeneration = pool.Metadata.Generation,
                Conditions = (status.Conditions ?? []).With([allocated, ready], pool.Metadata.Generation ?? 1, now),
            },
        };
    }

    /// <summary>The pool with what is said of its children.</summary>
    public static IPPool WithChildren(this IPPool pool, ChildWords words, ChildSet children, DateTimeOffset now)
    {
        var status = pool.Status ?? new();
        return pool with { Status = status with { Conditions = (status.Conditions ?? []).WithChildren(words, children, pool.Metadata.Generation ?? 1, now) } };
    }

    /// <summary>What a child pool with a block says of itself. Claims are counted only: there may be any number of them.</summary>
    /// <param name="allocated">Claims that hold a block of it.</param>
    /// <param name="waiting">Claims that ask for one and hold none.</param>
    public static Finding Assigned(Cidr block, string parent, int allocated = 0, int waiting = 0) =>
        new(ConditionTypes.Ready, ConditionStatus.True, Reasons.CIDRAssigned, $"CIDR {block} assigned from {parent}{Served(allocated, waiting)}");

    /// <summary>How many of the claims are served, as the end of a sentence; nothing where there are none.</summary>
    public static string Served(int allocated, int waiting) =>
        allocated + waiting == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {allocated}/{allocated + waiting} claims are allocated");

    /// <summary>What a child pool says of itself that is not allocated from for the time being, or for good.</summary>
    public static Finding Closed(Cidr block, string reason) =>
        new(ConditionTypes.Ready, ConditionStatus.False, reason, $"nothing new is allocated from {block}; what is allocated stays");

    /// <summary>A child pool's name for a claim: readable, the same for the same claim, another for a re-created one.</summary>
    /// <param name="salt">Raised when the name is taken by somebody else's pool.</param>
    public static string ChildName(string claim, string uid, int salt)
    {
        var hash = Domain.Plans.NameUuid.Of($"{uid}/{salt}").ToString("N")[..5];
        var stem = (claim.Length > 57 ? claim[..57] : claim).Replace('.', '-').TrimEnd('-');
        return $"{stem}-{hash}";
    }
}
