using Microsoft.AspNetCore.Http;

namespace Federation.E2E;

/// <summary>What gateways do alike with what they pass on.</summary>
static class Relay
{
    const int BufferBytes = 16 * 1024;

    /// <summary>Passes an answer's body on piece by piece, each at once: a stream's items come one at a time.</summary>
    public static async Task RelayBodyAsync(this HttpResponseMessage from, HttpResponse to, CancellationToken cancel)
    {
        await using var body = await from.Content.ReadAsStreamAsync(cancel);
        var buffer = new byte[BufferBytes];
        while (await body.ReadAsync(buffer, cancel) is > 0 and var count)
        {
            await to.Body.WriteAsync(buffer.AsMemory(0, count), cancel);
            await to.Body.FlushAsync(cancel);
        }
    }
}
