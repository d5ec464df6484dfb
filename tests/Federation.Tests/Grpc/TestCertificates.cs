using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Federation.Tests.Grpc;

/// <summary>Certificates for a test's own little world.</summary>
static class TestCertificates
{
    public static X509Certificate2 Authority(string name) => Create(name, issuer: null, isAuthority: true);

    public static X509Certificate2 Issue(string name, X509Certificate2? issuer = null) => Create(name, issuer, isAuthority: false);

    static X509Certificate2 Create(string name, X509Certificate2? issuer, bool isAuthority)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());

        if (issuer is null) return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(2));
        using var issued = request.Create(issuer, now.AddMinutes(-30), now.AddHours(1), [1, 2, 3, 4]);
        return issued.CopyWithPrivateKey(key);
    }
}
