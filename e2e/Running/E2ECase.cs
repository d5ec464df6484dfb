namespace Federation.E2E;

/// <summary>A story with its expected end. Runs on any topology, in a namespace of its own and with pools of its own.</summary>
/// <param name="Id">Short and unique; its namespace too, in lower case.</param>
/// <param name="NeedsEdges">Whether it is about leases, which a topology without edges has none of.</param>
/// <param name="NeedsCluster">Whether it is about an agent and its cluster's own API server.</param>
/// <param name="Disturbs">Whether it does to the topology what other cases would notice.</param>
/// <param name="IsApart">
/// Whether it waits for most of a minute, or has an agent write on all it has: those of a topology that has several run on a
/// second one like it, beside the others and among few objects.
/// </param>
sealed record E2ECase(string Id, string Title, Func<CaseWorld, Task> RunAsync, bool Disturbs = false, bool NeedsEdges = false, bool NeedsCluster = false, bool IsApart = false)
{
    /// <summary>What the reasons of <see cref="LeftOutOn"/> mean.</summary>
    public static readonly IReadOnlyDictionary<string, string> Reasons = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [NoLeases] = "the hub of this topology serves claims itself and has no edges: there are no leases to speak of",
        [NoCluster] = "no agent of this topology works on a cluster's API server, which the case takes away, limits or fills behind its back",
    };

    const string NoLeases = "no leases";
    const string NoCluster = "no cluster";

    /// <summary>Why it does not apply to a topology; null when it does.</summary>
    public string? LeftOutOn(string topology) =>
        NeedsEdges && !Topology.HasEdgesIn(topology) ? NoLeases
        : NeedsCluster && !Topology.HasAgentOnClusterIn(topology) ? NoCluster
        : null;
}

/// <summary>Something a case expected is not so.</summary>
sealed class CaseFailure(string message) : Exception(message);
