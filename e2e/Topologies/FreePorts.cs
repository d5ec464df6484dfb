using System.Net;
using System.Net.Sockets;

namespace Federation.E2E;

/// <summary>Ports of the loopback that nobody listens on.</summary>
static class FreePorts
{
    /// <summary>All are held until the last is found, so no two are the same.</summary>
    public static IReadOnlyList<int> Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        List<int> ports = [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}
