using System.Globalization;

namespace Federation.Domain.Conditions;

/// <summary>What is said of a fleet: how many of its edges are ready, and which are not. No condition for each: edges have their own.</summary>
public static class FleetFinding
{
    /// <summary>Names in the message.</summary>
    const int NamesMax = 16;

    /// <param name="total">All edges.</param>
    /// <param name="notReady">Those that are not ready, in order of their names.</param>
    public static Finding Of(int total, IReadOnlyCollection<string> notReady)
    {
        var share = string.Create(CultureInfo.InvariantCulture, $"{total - notReady.Count}/{total} edges are ready");
        if (notReady.Count == 0) return new(ConditionTypes.Ready, ConditionStatus.True, Reasons.EdgesReady, share);

        var more = notReady.Count > NamesMax ? string.Create(CultureInfo.InvariantCulture, $" and {notReady.Count - NamesMax} more") : "";
        return new(ConditionTypes.Ready, ConditionStatus.False, Reasons.EdgesProgressing, $"{share}; not ready: {string.Join(", ", notReady.Take(NamesMax))}{more}");
    }
}
