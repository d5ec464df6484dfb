using System.Collections.Immutable;
using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>The names and marks the agent puts on objects.</summary>
static class EdgeNames
{
    /// <summary>On a root pool that mirrors one of the hub: the uid it has there.</summary>
    public const string MirroredAnnotation = "ipam.federation.io/mirrored-uid";

    /// <summary>On a mirrored root pool the hub no longer offers, while something lent of it is held here.</summary>
    public const string WithdrawnAnnotation = "ipam.federation.io/withdrawn";

    /// <summary>On pool claims the agent files by itself, and on their child pools.</summary>
    public const string ManagedLabel = "ipam.federation.io/managed";

    /// <summary>On a child pool: the uid of its pool claim.</summary>
    public const string ClaimUidAnnotation = "ipam.federation.io/pool-claim-uid";

    /// <summary>On a pool claim, until its lease is back at the hub.</summary>
    public const string LeaseFinalizer = "ipam.federation.io/lease";

    /// <summary>On a child pool, until it holds nothing: what the webhook cannot refuse while it is away waits with this.</summary>
    public const string PoolFinalizer = "ipam.federation.io/child-pool";

    /// <summary>On a pool claim, with <c>true</c>: nothing is done about it.</summary>
    public const string PausedAnnotation = "ipam.federation.io/paused";

    /// <summary>On a pool claim of the agent's own that stands for a lease still to be given back: the claim it was lent for.</summary>
    public const string TombstoneAnnotation = "ipam.federation.io/released-for";

    public static readonly ImmutableSortedDictionary<string, string> Managed =
        ImmutableSortedDictionary<string, string>.Empty.Add(ManagedLabel, "true");

    public static bool IsManaged(this Resource resource) => resource.Metadata.Label(ManagedLabel) is not null;

    public static bool IsTombstone(this IPPoolClaim claim) => claim.Metadata.Annotation(TombstoneAnnotation) is not null;

    public static bool IsMirror(this IPPool pool) => pool.Metadata.Annotation(MirroredAnnotation) is not null;

    public static bool IsWithdrawn(this IPPool pool) => pool.Metadata.Annotation(WithdrawnAnnotation) is not null;

    /// <summary>A pool claim of the agent's own: by size and number, or by its particular block.</summary>
    public static string ManagedClaim(string pool, int length, int number, Cidr? block)
    {
        var name = block is { } wanted ? $"auto-{pool}-{BlockName.Of(wanted)}" : $"auto-{pool}-{length}-{number}";
        return name.Length <= 253 ? name : name[..253].TrimEnd('-');
    }
}
