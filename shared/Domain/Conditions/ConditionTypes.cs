using System.Globalization;

namespace Federation.Domain.Conditions;

/// <summary>Every condition type of the project, and the spelling of indexed child types.</summary>
public static class ConditionTypes
{
    [ConditionType("Federation, Edge, IPPool, IPPoolClaim, IPLease", "Whether the object can be used; where it has children, the sum of theirs.")]
    public const string Ready = "Ready";

    [ConditionType("IPClaim, IPPoolClaim, IPAllocation, child IPPool at the hub", "Whether a claim holds a block, and if not, why. True stays True, whatever becomes of the hub.")]
    public const string Allocated = "Allocated";

    [ConditionType("IPPool and IPPoolClaim at an edge, Edge", "Whether edge and hub hear each other. Informative: what was allocated stays allocated.")]
    public const string HubConnected = "HubConnected";

    [ConditionType("IPPoolClaim", "Whether an admin has stopped work on the object. Present once it was.")]
    public const string Paused = "Paused";

    [ConditionType("Federation, IPPool at the hub", "Whether a hub that was restored from a backup knows again what is handed out. Present once it was restored.")]
    public const string Recovered = "Recovered";

    [ConditionType("Edge, root IPPool at the hub", "Whether what edges report and what the hub has recorded go together. Present once an edge has reported its inventory, and on a pool once something was found.")]
    public const string Consistent = "Consistent";

    [ConditionType("Edge, root IPPool at the hub", "One lease, as `IPLease-{i}`: i is its `spec.index` under its pool and its `spec.edgeIndex` under its edge.")]
    public const string Lease = "IPLease";

    [ConditionType("root IPPool at an edge", "One child pool, as `IPPool-{i}`: i is its `ipam.federation.io/child-index`.")]
    public const string Pool = "IPPool";

    /// <summary>The type of one child among its siblings, as <c>IPLease-3</c>.</summary>
    /// <param name="kind"><see cref="Lease"/> or <see cref="Pool"/>.</param>
    /// <param name="index">From 0 on; the child's own for as long as it lives.</param>
    public static string Child(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{index}");

    /// <summary>The index of a child type, or null when <paramref name="type"/> is none.</summary>
    public static int? ChildIndex(string type)
    {
        var dash = type.LastIndexOf('-');
        if (dash <= 0) return null;
        return int.TryParse(type.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && Child(type[..dash], index) == type && !type[..dash].EndsWith('-') ? index : null;
    }

    /// <summary>The index of a child type of this kind, or null when <paramref name="type"/> is none.</summary>
    public static int? ChildIndex(string type, string kind) =>
        type.Length > kind.Length && type[kind.Length] == '-' && type.StartsWith(kind, StringComparison.Ordinal) ? ChildIndex(type) : null;
}
