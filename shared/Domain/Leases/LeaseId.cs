using System.Globalization;
using Federation.Domain.Plans;

namespace Federation.Domain.Leases;

/// <summary>Names of leases.</summary>
public static class LeaseId
{
    /// <summary>What remains of a DNS label (RFC 1123) for the edge's name, beside a dash and the hash.</summary>
    const int EdgeMax = 52;

    const int HashLength = 10;

    /// <summary>More requests of one edge than this never share a name.</summary>
    const int AttemptsMax = 16;

    /// <summary>
    /// Derived from edge and request, a DNS label. Forty bits of hash can be made to collide by one who chooses
    /// request ids; <paramref name="attempt"/> gives the next name for the same request.
    /// </summary>
    public static string Of(string edge, string requestId, int attempt = 0)
    {
        var name = attempt == 0 ? $"{edge}/{requestId}" : string.Create(CultureInfo.InvariantCulture, $"{edge}/{requestId}/{attempt}");
        var readable = edge.Length > EdgeMax ? edge[..EdgeMax].TrimEnd('-') : edge;
        return $"{readable}-{NameUuid.Of(name).ToString("N")[..HashLength]}";
    }

    /// <summary>Whether this is a name that edge and request may have led to.</summary>
    public static bool IsOf(string id, string edge, string requestId) =>
        Enumerable.Range(0, AttemptsMax).Any(attempt => Of(edge, requestId, attempt) == id);
}
