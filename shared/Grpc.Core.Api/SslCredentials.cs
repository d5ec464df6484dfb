namespace Grpc.Core;

/// <summary>TLS: the roots to trust, all as PEM text, and for mutual TLS the client's own certificate.</summary>
public sealed class SslCredentials(
    string? rootCertificates, KeyCertificatePair? keyCertificatePair, VerifyPeerCallback? verifyPeerCallback)
    : ChannelCredentials
{
    public SslCredentials() : this(rootCertificates: null)
    {
    }

    public SslCredentials(string? rootCertificates) : this(rootCertificates, keyCertificatePair: null)
    {
    }

    public SslCredentials(string? rootCertificates, KeyCertificatePair? keyCertificatePair)
        : this(rootCertificates, keyCertificatePair, verifyPeerCallback: null)
    {
    }

    public string? RootCertificates { get; } = rootCertificates;

    public KeyCertificatePair? KeyCertificatePair { get; } = keyCertificatePair;

    internal override bool IsComposable => true;

    public override void InternalPopulateConfiguration(ChannelCredentialsConfiguratorBase configurator, object? state) =>
        configurator.SetSslCredentials(state, RootCertificates, KeyCertificatePair, verifyPeerCallback);
}

public sealed class KeyCertificatePair(string certificateChain, string privateKey)
{
    public string CertificateChain { get; } =
        certificateChain ?? throw new ArgumentNullException(nameof(certificateChain));

    public string PrivateKey { get; } = privateKey ?? throw new ArgumentNullException(nameof(privateKey));
}

public delegate bool VerifyPeerCallback(VerifyPeerContext context);

public sealed class VerifyPeerContext(string targetName, string peerPem)
{
    public string TargetName { get; } = targetName;

    public string PeerPem { get; } = peerPem;
}
