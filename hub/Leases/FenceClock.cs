using System.Collections.Concurrent;
using Federation.Domain.Leases;

namespace Federation.Hub;

/// <summary>
/// How long ago each lease was last renewed, on a clock that only ever goes forward: no wall clock can be trusted to say
/// that an edge's term is over. What was renewed before this process started counts from its start.
/// </summary>
sealed class FenceClock(LeaseTerms terms, TimeProvider time)
{
    readonly long started = time.GetTimestamp();
    readonly ConcurrentDictionary<string, long> renewals = new(StringComparer.Ordinal);

    /// <summary>The lease has a new term from here on.</summary>
    public void Renewed(string leaseId) => renewals[leaseId] = time.GetTimestamp();

    public void Forget(string leaseId) => renewals.TryRemove(leaseId, out _);

    /// <summary>Whether the edge can certainly allocate nothing new from the lease any more.</summary>
    public bool HasPassed(string leaseId) => HadPassed(leaseId, time.GetTimestamp());

    /// <summary>Whether that was so at a time stamp.</summary>
    public bool HadPassed(string leaseId, long at) => time.GetElapsedTime(renewals.TryGetValue(leaseId, out var renewed) ? renewed : started, at) >= terms.Fence;
}
