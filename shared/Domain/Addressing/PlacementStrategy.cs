namespace Federation.Domain.Addressing;

/// <summary>Where in the free space of a pool a block is placed. What nobody specified is placed as <see cref="FirstFit"/>.</summary>
public enum PlacementStrategy
{
    Unspecified = 0,

    /// <summary>The lowest free address.</summary>
    FirstFit,

    /// <summary>The tightest free region that fits, the lowest among equals.</summary>
    BestFit,

    /// <summary>The emptiest of several pools; within one pool as <see cref="FirstFit"/>.</summary>
    LeastUtilized,

    /// <summary>
    /// The start of the largest free region, the lowest among equals, so that holders can double in place: the order of
    /// RFC 3531, leftmost allocation. While holders of one size fill at most half of a pool, every one of them can; with
    /// sizes mixed from /24 to /28, some 70 % at half load, and 90 % at a quarter.
    /// </summary>
    Sparse,
}
