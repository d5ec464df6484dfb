using System.Collections.Concurrent;

namespace Federation.Interop;

/// <summary>A theory that needs another implementation of gRPC, and says so where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class PeerTheoryAttribute : TheoryAttribute
{
    static readonly ConcurrentDictionary<string, string?> Missing = new();

    public PeerTheoryAttribute(string peer) => Skip = Missing.GetOrAdd(peer, name => Peer.Named(name).WhyMissing());
}
