using System.Globalization;

namespace Federation.Domain.Conditions;

/// <summary>Every condition type of the project, and the spelling of indexed child types.</summary>
public static class ConditionTypes
{
    /// <summary>Whether an object can be used; where it has children, the sum of theirs.</summary>
    public const string Ready = "Ready";

    /// <summary>Whether a claim holds a block, and if not, why.</summary>
    public const string Allocated = "Allocated";

    /// <summary>Whether the edge reaches its hub. Informative: what was allocated stays allocated.</summary>
    public const string HubConnected = "HubConnected";

    /// <summary>Whether an admin has stopped work on an object. Present once it was.</summary>
    public const string Paused = "Paused";

    /// <summary>Child type of one lease under its root pool or edge: <c>IPLease-{i}</c>.</summary>
    public const string Lease = "IPLease";

    /// <summary>Child type of one child pool under a root pool mirrored at an edge: <c>IPPool-{i}</c>.</summary>
    public const string Pool = "IPPool";

    public static string Child(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{index}");

    /// <summary>The index of a child type, or null when <paramref name="type"/> is none.</summary>
    public static int? ChildIndex(string type)
    {
        var dash = type.LastIndexOf('-');
        if (dash <= 0) return null;
        return int.TryParse(type.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && Child(type[..dash], index) == type && !type[..dash].EndsWith('-') ? index : null;
    }
}
