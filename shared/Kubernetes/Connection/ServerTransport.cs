using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Federation.Kubernetes;

/// <summary>Makes the HTTP client of a connection.</summary>
static class ServerTransport
{
    static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);
    static readonly TimeSpan PingWithin = TimeSpan.FromSeconds(15);

    /// <summary>Connections are renewed, so that new certificates and addresses come into use.</summary>
    static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    public static HttpClient Open(ServerAccess access)
    {
        var identity = new IdentityHandler(access);
        identity.InnerHandler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = ConnectWithin,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingAfter,
            KeepAlivePingTimeout = PingWithin,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
            ActivityHeadersPropagator = null, // the request itself says what trace it belongs to
            UseProxy = access.Proxy is not null || !access.Url.IsLoopback,
            Proxy = access.Proxy is null ? null : new WebProxy(access.Proxy),
            SslOptions = Tls(access, identity),
            ConnectCallback = DialAsync,
        };
        return new HttpClient(identity)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("federation", "1") } },
        };
    }

    static SslClientAuthenticationOptions Tls(ServerAccess access, IdentityHandler identity)
    {
        var options = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => identity.Certificate!,
        };
        if (access.SkipTlsVerify)
        {
#pragma warning disable CA5359 // The configuration says so, in as many words.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (access.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }

    /// <summary>Connects with probes of the idle connection: a peer that vanished is noticed within a minute, on HTTP/1.1 too.</summary>
    static async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)PingAfter.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>Says in every request who we are.</summary>
sealed class IdentityHandler(ServerAccess access) : DelegatingHandler
{
    volatile X509Certificate2? certificate;

    /// <summary>What the next connection presents.</summary>
    public X509Certificate2? Certificate => certificate;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The handler below takes the name for SNI and for the check of the certificate from here; there is no other way to give it.
        if (access.TlsServerName is { } name) request.Headers.Host = name;

        var credential = await access.Credentials.CurrentAsync(cancellationToken);
        var response = await SendAsAsync(credential, request, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.Unauthorized) return response;

        access.Credentials.Refused(credential);
        var other = await access.Credentials.CurrentAsync(cancellationToken);
        if (other == credential) return response;

        response.Dispose();
        return await SendAsAsync(other, request, cancellationToken);
    }

    Task<HttpResponseMessage> SendAsAsync(Credential credential, HttpRequestMessage request, CancellationToken cancel)
    {
        certificate = credential.Certificate;
        if (credential.Token is { } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return base.SendAsync(request, cancel);
    }
}
