using System.Net;
using System.Net.Sockets;

namespace Federation.E2E;

/// <summary>
/// A line between an edge and its hub that can be cut: bytes no longer pass in either direction, and neither side is told,
/// as when a cable is pulled. Connections made meanwhile are taken and get no answer; mended, all that hung end. It can
/// also lead elsewhere, break every connection, or not be there at all.
/// </summary>
sealed class NetworkLine : IDisposable
{
    readonly Uri target;
    readonly HashSet<Socket> sockets = [];
    readonly Lock gate = new();
    readonly int port;
    TcpListener? listener;
    Uri? detour;
    bool isCut;
    bool breaks;
    bool isDisposed;

    public NetworkLine(Uri target)
    {
        this.target = target;
        port = Listen(port: 0);
    }

    public Uri Address => new($"http://127.0.0.1:{port}");

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    public void Cut()
    {
        lock (gate) isCut = true;
    }

    /// <summary>What connects is led to another server.</summary>
    public void DivertTo(Uri other)
    {
        lock (gate) detour = other;
        HangUp();
    }

    /// <summary>Every connection is broken as soon as it is made.</summary>
    public void Break()
    {
        lock (gate) breaks = true;
        HangUp();
    }

    /// <summary>Nobody listens any more.</summary>
    public void Refuse()
    {
        lock (gate)
        {
            listener?.Dispose();
            listener = null;
        }

        HangUp();
    }

    public void Mend()
    {
        lock (gate)
        {
            (isCut, breaks, detour) = (false, false, null);
            if (listener is null && !isDisposed) Listen(port);
        }

        HangUp();
    }

    public void Dispose()
    {
        lock (gate) isDisposed = true;
        listener?.Dispose();
        HangUp();
    }

    bool IsCut
    {
        get
        {
            lock (gate) return isCut;
        }
    }

    /// <summary>The port it listens on.</summary>
    int Listen(int port)
    {
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        _ = AcceptAsync(listener);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    void HangUp()
    {
        List<Socket> open;
        lock (gate)
        {
            open = [.. sockets];
            sockets.Clear();
        }

        foreach (var socket in open) socket.Dispose();
    }

    async Task AcceptAsync(TcpListener open)
    {
        try
        {
            while (true) _ = CarryAsync(await open.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The line is taken down.
        }
    }

    async Task CarryAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Uri to;
        lock (gate)
        {
            to = detour ?? target;
            if (breaks) near.LingerState = new(enable: true, seconds: 0);
            if (isDisposed || breaks) near.Dispose();
            sockets.Add(near);
            sockets.Add(far);
        }

        try
        {
            await far.ConnectAsync(to.Host, to.Port);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The hub is not there: to the edge the line is dead.
        }

        if (IsCut) return;
        near.Dispose();
        far.Dispose();
    }

    async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                if (IsCut) continue; // swallowed
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One end is gone; the other follows.
        }
    }
}
