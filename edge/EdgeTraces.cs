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

    /// <param name="isSettled">Whether the object has what it was made for.</param>
    public Activity? Begin(Resource resource, bool isSettled)
    {
        if (!TraceSources.Edge.HasListeners()) return null;
        var before = isSettled ? default : resource.Trace is var marked && marked != default ? marked : begun.GetValueOrDefault(resource.Uid);
        var span = TraceContext.Begin(TraceSources.Edge, $"reconcile {KindInfo.Of(resource.GetType()).Name}", ActivityKind.Internal, before);
        if (span is not null && !isSettled && before == default && begun.Count < BegunMax) begun[resource.Uid] = span.Context;
        return span?.SetTag("k8s.namespace.name", resource.Namespace).SetTag("federation.object.name", resource.Name).SetTag("federation.object.uid", resource.Uid);
    }

    public void Forget(string uid) => begun.Remove(uid);
}
