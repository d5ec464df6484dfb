namespace Federation.Domain.Addressing;

/// <summary>Address family of a block.</summary>
public enum IPFamily { Unspecified = 0, IPv4 = 4, IPv6 = 6 }

/// <summary>Where in the free space of a pool a block is placed.</summary>
public enum PlacementStrategy
{
    Unspecified = 0,

    /// <summary>The lowest free address.</summary>
    FirstFit,

    /// <summary>The tightest free region that fits, the lowest among equals.</summary>
    BestFit,

    /// <summary>The emptiest of several pools; within one pool as <see cref="FirstFit"/>.</summary>
    LeastUtilized,

    /// <summary>The largest free region, so that holders can double in place (after RFC 3531, leftmost allocation).</summary>
    Sparse,
}
