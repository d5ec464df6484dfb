using System.Diagnostics;
using Federation.Telemetry;

namespace Federation.ApiServer;

/// <summary>What a trace shows of the store.</summary>
static class StoreTraces
{
    /// <summary>Traces a span is linked to at most.</summary>
    const int LinksMax = 64;

    /// <summary>A commit belongs to the first of the traces whose writes are in it, and is linked to the others.</summary>
    public static Activity? Commit(IEnumerable<ActivityContext> traces, int size, CommitBatch batch)
    {
        if (!TraceSources.Api.HasListeners()) return null;
        var known = traces.Where(static trace => trace != default).Take(LinksMax).ToList();
        if (known.Count == 0) return null;
        return TraceSources.Api.StartActivity("commit", ActivityKind.Internal, known[0], links: known.Skip(1).Select(static trace => new ActivityLink(trace)))
            ?.SetTag("federation.commit.writes", size).SetTag("federation.commit.objects", batch.Writes.Count).SetTag("federation.revision", batch.Revision);
    }
}
