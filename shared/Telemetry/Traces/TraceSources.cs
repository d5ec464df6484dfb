using System.Diagnostics;

namespace Federation.Telemetry;

/// <summary>Where spans come from. Nothing is made while nobody listens.</summary>
public static class TraceSources
{
    internal const string EdgeName = "Federation.Edge";

    /// <summary>Requests to the API, writes to its store, commits.</summary>
    public static readonly ActivitySource Api = new("Federation.ApiServer");

    /// <summary>Calls between edge and hub, on both sides.</summary>
    public static readonly ActivitySource Rpc = new("Federation.Rpc");

    /// <summary>Requests to a Kubernetes API.</summary>
    public static readonly ActivitySource Kubernetes = new("Federation.Kubernetes");

    /// <summary>What the agent does about an object.</summary>
    public static readonly ActivitySource Edge = new(EdgeName);

    public static readonly IReadOnlyList<ActivitySource> All = [Api, Rpc, Kubernetes, Edge];
}
