using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Federation.Rpc;

/// <summary>
/// A call's context that reads the request's metadata by itself. The transport reads a key with several binary values,
/// which other clients send as one header joined by commas, as malformed, and then no handler can read any metadata.
/// </summary>
sealed class GuardedCallContext : ServerCallContext
{
    const string HttpContextKey = "__HttpContext"; // where GetHttpContext looks for it

    readonly ServerCallContext inner;
    readonly HttpContext http;
    Metadata? headers;

    public GuardedCallContext(ServerCallContext inner)
    {
        this.inner = inner;
        http = inner.GetHttpContext();
        inner.UserState[HttpContextKey] = http;
    }

    protected override string MethodCore => inner.Method;

    protected override string HostCore => inner.Host;

    protected override string PeerCore => inner.Peer;

    protected override DateTime DeadlineCore => inner.Deadline;

    protected override Metadata RequestHeadersCore => headers ??= Read(http.Request.Headers);

    protected override CancellationToken CancellationTokenCore => inner.CancellationToken;

    protected override Metadata ResponseTrailersCore => inner.ResponseTrailers;

    protected override Status StatusCore
    {
        get => inner.Status;
        set => inner.Status = value;
    }

    protected override WriteOptions? WriteOptionsCore
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    protected override AuthContext AuthContextCore => inner.AuthContext;

    protected override IDictionary<object, object> UserStateCore => inner.UserState;

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) =>
        inner.WriteResponseHeadersAsync(responseHeaders);

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        inner.CreatePropagationToken(options);

    static Metadata Read(IHeaderDictionary headers)
    {
        var metadata = new Metadata();
        foreach (var (key, values) in headers)
        {
            if (!IsMetadata(key)) continue;
            if (key.EndsWith(Metadata.BinaryHeaderSuffix, StringComparison.OrdinalIgnoreCase)) AddBinary(metadata, key, values);
            else metadata.Add(key, values.ToString());
        }

        return metadata;
    }

    /// <summary>Pseudo-headers are not metadata; neither is a key no peer could have sent as metadata.</summary>
    static bool IsMetadata(string key) => key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    static void AddBinary(Metadata metadata, string key, StringValues values)
    {
        foreach (var value in values)
        {
            foreach (var part in (value ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (Decode(part) is { } bytes) metadata.Add(key, bytes);
            }
        }
    }

    /// <summary>Senders may leave the padding out. What is not base64 is left out altogether.</summary>
    static byte[]? Decode(string text)
    {
        var padded = text.TrimEnd('=');
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out var written) ? bytes[..written] : null;
    }
}
