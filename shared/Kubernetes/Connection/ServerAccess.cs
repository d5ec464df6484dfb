using System.Security.Cryptography.X509Certificates;

namespace Federation.Kubernetes;

/// <summary>Everything that a connection to a server depends on.</summary>
sealed record ServerAccess
{
    public required Uri Url { get; init; }

    /// <summary>Whom to trust instead of the system's authorities; null for those.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Any certificate will do.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name to ask for and to expect in the certificate, instead of the host's.</summary>
    public string? TlsServerName { get; init; }

    public Uri? Proxy { get; init; }

    /// <summary>Who we are.</summary>
    public ICredentials Credentials { get; init; } = FixedCredentials.None;
}

/// <summary>Who we are, at this moment.</summary>
interface ICredentials
{
    /// <summary>Credentials that are good for the next request.</summary>
    ValueTask<Credential> CurrentAsync(CancellationToken cancel);

    /// <summary>Says that the server has refused these; others are wanted next time.</summary>
    void Refused(Credential credential);
}

/// <summary>A bearer token, a client certificate, both or neither.</summary>
sealed record Credential(string? Token, X509Certificate2? Certificate)
{
    public static Credential None { get; } = new(null, null);
}

/// <summary>Credentials that never change.</summary>
sealed class FixedCredentials(Credential credential) : ICredentials
{
    public static FixedCredentials None { get; } = new(Credential.None);

    public ValueTask<Credential> CurrentAsync(CancellationToken cancel) => ValueTask.FromResult(credential);

    public void Refused(Credential credential) { }
}
