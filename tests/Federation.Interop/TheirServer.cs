using System.Diagnostics;
using System.Globalization;
using Federation.Rpc;

namespace Federation.Interop;

/// <summary>A peer's server, which ends when its input does.</summary>
sealed class TheirServer : IAsyncDisposable
{
    readonly Process process;

    TheirServer(Process process, Uri address)
    {
        this.process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<TheirServer> StartAsync(Peer peer)
    {
        var process = peer.Run("server");
        var line = await process.StandardOutput.ReadLineAsync(Limits.Cancel);
        if (line?.Split(' ') is not ["listening", var port])
        {
            throw new InvalidOperationException($"The server did not start: {line} {await process.StandardError.ReadToEndAsync(Limits.Cancel)}");
        }

        return new TheirServer(process, new Uri($"http://127.0.0.1:{int.Parse(port, CultureInfo.InvariantCulture)}"));
    }

    public HubChannel Open() =>
        HubChannel.Open(new HubChannelOptions { Address = Address, EdgeName = "munich" }, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(Limits.Cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }
}
