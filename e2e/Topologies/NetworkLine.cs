using System.Net;
using System.Net.Sockets;

namespace Federation.E2E;

/// <summary>
/// A line between an edge and its hub that can be cut: bytes no longer pass in either direction, and neither side is told,
/// as when a cable is pulled. Connections made meanwhile are taken and get no answer; mended, all that hung end.
/// </summary>
sealed class NetworkLine : IDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly Uri target;
    readonly HashSet<Socket> sockets = [];
    readonly Lock gate = new();
    bool isCut;
    bool isDisposed;

    public NetworkLine(Uri target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

    public void Cut()
    {
        lock (gate) isCut = true;
    }

    public void Mend()
    {
        lock (gate) isCut = false;
        HangUp();
    }

    public void Dispose()
    {
        lock (gate) isDisposed = true;
        listener.Dispose();
        HangUp();
    }

    bool IsCut
    {
        get
        {
            lock (gate) return isCut;
        }
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

    async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The line is taken down.
        }
    }

    async Task CarryAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (gate)
        {
            if (isDisposed) near.Dispose();
            sockets.Add(near);
            sockets.Add(far);
        }

        try
        {
            await far.ConnectAsync(target.Host, target.Port);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (SocketException)
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
