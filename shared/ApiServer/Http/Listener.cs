using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Federation.ApiServer;

/// <summary>Certificate, key and client authority of a listener, as PEM files.</summary>
/// <param name="ClientAuthority">Clients must show a certificate of this authority; it is their identity.</param>
public sealed record TlsFiles(string Certificate, string Key, string ClientAuthority)
{
    /// <summary>One more authority of clients: of the API server in front.</summary>
    public string? FrontAuthority { get; init; }

    /// <summary>Whether clients may come without a certificate, because they show who they are in another way.</summary>
    public bool IsOptional { get; init; }
}

/// <summary>A URL to listen on. Plain text is for loopback only: there, whoever can connect is trusted like a local user.</summary>
public static class Listener
{
    public const string PlainRule = "listens beyond loopback without TLS; give --tls-cert, --tls-key and --client-ca, or use http://127.0.0.1:PORT";

    /// <summary>Why a URL cannot be listened on, or null when it can.</summary>
    public static string? Refusal(string? url, TlsFiles? tls)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/") return $"'{url}' is no URL to listen on; write http://127.0.0.1:PORT";
        if (uri.Scheme is "https" && tls is null) return $"{url} needs --tls-cert, --tls-key and --client-ca";
        if (uri.Scheme is "http" && tls is null && !IsLoopback(uri)) return $"{url} {PlainRule}";
        return uri.Scheme is "http" && !IsLoopback(uri) ? $"{url} {PlainRule}" : null;
    }

    /// <summary>Why a URL cannot be the listener of operations alone, or null when it can, or none is wanted. Its port must be its own: by it the listener is known.</summary>
    public static string? OpsRefusal(string? url, params ReadOnlySpan<string?> others)
    {
        if (url is null) return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not "http" || uri.PathAndQuery != "/") return $"'{url}' is no URL to listen on; write http://ADDRESS:PORT";
        if (uri.Port == 0) return "needs a port; by it the listener is known";
        foreach (var other in others)
        {
            if (Uri.TryCreate(other, UriKind.Absolute, out var taken) && taken.Port == uri.Port) return $"port {uri.Port} is also that of {other}; give operations a port of their own";
        }

        return null;
    }

    public static void Listen(this KestrelServerOptions kestrel, Uri url, TlsFiles? tls, HttpProtocols protocols)
    {
        var address = url.Host is "localhost" ? IPAddress.Loopback : IPAddress.TryParse(url.Host.Trim('[', ']'), out var given) ? given : IPAddress.Any;
        kestrel.Listen(address, url.Port, listen =>
        {
            listen.Protocols = protocols;
            if (url.Scheme is "https") listen.UseHttps(https => Configure(https, tls!));
        });
    }

    static void Configure(HttpsConnectionAdapterOptions https, TlsFiles tls)
    {
        var authority = new X509Certificate2Collection();
        authority.ImportFromPemFile(tls.ClientAuthority);
        if (tls.FrontAuthority is { } front) authority.ImportFromPemFile(front);
        https.ServerCertificate = X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key);
        https.ClientCertificateMode = tls.IsOptional ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(certificate);
        };
    }

    static bool IsLoopback(Uri uri) => uri.Host is "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
