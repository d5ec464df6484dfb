using Federation.Domain.Addressing;

namespace Federation.Resources;

/// <summary>
/// A block that an object keeps from all others: no two holdings of one space overlap. A space is a pool, by its name, or
/// <see cref="Roots"/>.
/// </summary>
public readonly record struct Holding(string Space, Cidr Block)
{
    /// <summary>The space of the root pools; no pool has an empty name.</summary>
    public const string Roots = "";

    /// <summary>What an object holds; null when it holds nothing.</summary>
    public static Holding? Of(Resource? resource) => resource switch
    {
        IPAllocation allocation => new(allocation.Spec.PoolRef!.Name!, allocation.Spec.Cidr!.Value),
        // Nothing of a contested lease's: its block is somebody's, or held for the contest.
        IPLease { Status.Contested: not true } lease => new(lease.Spec.PoolRef!.Name!, lease.Spec.Cidr!.Value),
        IPPool pool when pool.Block() is { } block => new(pool.Spec.ParentPoolRef?.Name ?? Roots, block),
        _ => null,
    };
}
