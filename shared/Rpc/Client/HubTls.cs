using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Federation.Rpc;

/// <summary>The client's side of TLS from PEM files.</summary>
static class HubTls
{
    public static SslClientAuthenticationOptions OptionsFor(HubChannelOptions options) => new()
    {
        CertificateChainPolicy = options.AuthorityPath is { } path ? TrustOnly(path) : null,
        LocalCertificateSelectionCallback = options.CertificatePath is { } certificate
            ? (_, _, _, _, _) => X509Certificate2.CreateFromPemFile(certificate, options.KeyPath)
            : null,
    };

    static X509ChainPolicy TrustOnly(string path)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(path);
        return policy;
    }
}
