namespace Federation.E2E;

/// <summary>A story with its expected end. Runs on any topology, in a namespace of its own and with pools of its own.</summary>
/// <param name="Id">Short and unique; its namespace too, in lower case.</param>
/// <param name="NeedsEdges">Whether it is about leases, which a topology without edges has none of.</param>
/// <param name="NeedsCluster">Whether it is about an agent and its cluster's own API server.</param>
/// <param name="Disturbs">Whether it does to the topology what other cases would notice.</param>
sealed record E2ECase(string Id, string Title, Func<CaseWorld, Task> RunAsync, bool Disturbs = false, bool NeedsEdges = false, bool NeedsCluster = false);

/// <summary>Something a case expected is not so.</summary>
sealed class CaseFailure(string message) : Exception(message);
