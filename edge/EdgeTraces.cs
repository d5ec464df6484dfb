using System.Diagnostics;
using Federation.Resources;
using Federation.Telemetry;

namespace Federation.Edge;

/// <summary>
/// Joins all looks at a claim, until it is bound, into one trace: the one its making belonged to, or the one its first
/// look began. What happens to a bound object later is traced by itself.
/// </summary>
sealed class EdgeTraces
{
    /// <summary>Claims without a mark of their own that are remembered.</summary>
    const int BegunMax = 10_000;

    readonly Dictionary<string, ActivityContext> begun = new(StringComparer.Ordinal);

    /// <summary>A look at a claim; there is nothing to tell of one that is bound.</summary>
    public Activity? Begin(IPClaim? claim) => claim is null ? null : Begin(claim, isSettled: claim.IsBound(), isQuiet: claim.IsBound());

    /// <summary>A look at a pool claim. What is done to a bound one, or to take it back, is a trace of its own.</summary>
    public Activity? Begin(IPPoolClaim? claim) => claim is null ? null : Begin(claim, isSettled: claim.Metadata.IsDeleting() || claim.Status?.Phase is ClaimPhase.Bound, isQuiet: false);

    Activity? Begin(Resource resource, bool isSettled, bool isQuiet)
    {
        if (!TraceSources.Edge.HasListeners()) return null;
        if (isSettled) begun.Remove(resource.Uid);
        if (isQuiet) return null;
        var before = isSettled ? default : resource.Trace is var marked && marked != default ? marked : begun.GetValueOrDefault(resource.Uid);
        var span = TraceContext.Begin(TraceSources.Edge, $"reconcile {KindInfo.Of(resource.GetType()).Name}", ActivityKind.Internal, before);
        if (span is not null && !isSettled && before == default && begun.Count < BegunMax) begun[resource.Uid] = span.Context;
        return span?.SetTag("k8s.namespace.name", resource.Namespace).SetTag("federation.object.name", resource.Name).SetTag("federation.object.uid", resource.Uid);
    }
}
