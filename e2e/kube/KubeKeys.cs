using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Federation.E2E;

/// <summary>The certificates of a throw-away cluster: its authority, its server, an admin, the front proxy, service accounts.</summary>
sealed class KubeKeys(string folder)
{
    static readonly DateTimeOffset From = DateTimeOffset.UnixEpoch;
    static readonly DateTimeOffset Until = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    byte serial = 1;

    public string Path(string name) => System.IO.Path.Combine(folder, name);

    /// <summary>Writes <c>ca</c>, <c>front-ca</c>, <c>server</c>, <c>client</c>, <c>front</c> (each .crt and .key) and <c>sa.key</c>, <c>sa.pub</c>.</summary>
    public void Write()
    {
        using var authority = Authority("ca");
        using var front = Authority("front-ca");
        WriteSigned("server", authority, "CN=kube-apiserver", isServer: true);
        WriteSigned("client", authority, "O=system:masters, CN=admin", isServer: false);
        WriteSigned("front", front, "CN=front-proxy", isServer: false);
        using var accounts = RSA.Create(2048);
        File.WriteAllText(Path("sa.key"), accounts.ExportRSAPrivateKeyPem());
        File.WriteAllText(Path("sa.pub"), accounts.ExportSubjectPublicKeyInfoPem());
    }

    /// <summary>One more certificate of an authority that is there, with its key.</summary>
    public void WriteSigned(string name, string authority, string subject, params string[] names)
    {
        using var signer = X509Certificate2.CreateFromPemFile(Path($"{authority}.crt"), Path($"{authority}.key"));
        WriteSigned(name, signer, subject, isServer: names.Length > 0, names);
    }

    /// <summary>A service account's token, as the API server itself would sign it.</summary>
    public void WriteToken(string name, string ns, string account, string uid, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = RSA.Create();
        key.ImportFromPem(File.ReadAllText(Path("sa.key")));
        var said = $$"""
            {"iss":"https://kubernetes.default.svc","aud":["https://kubernetes.default.svc"],"sub":"system:serviceaccount:{{ns}}:{{account}}",
            "iat":{{from.AddHours(-1).ToUnixTimeSeconds()}},"nbf":{{from.AddHours(-1).ToUnixTimeSeconds()}},"exp":{{until.ToUnixTimeSeconds()}},
            "kubernetes.io":{"namespace":"{{ns}}","serviceaccount":{"name":"{{account}}","uid":"{{uid}}"} } }
            """;
        var signed = $"{Part("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Part(Encoding.UTF8.GetBytes(said))}";
        File.WriteAllText(Path(name), $"{signed}.{Part(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}");
    }

    static string Part(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var authority = request.CreateSelfSigned(From, Until);
        File.WriteAllText(Path($"{name}.crt"), authority.ExportCertificatePem());
        File.WriteAllText(Path($"{name}.key"), key.ExportECPrivateKeyPem());
        return authority;
    }

    void WriteSigned(string name, X509Certificate2 authority, string subject, bool isServer, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (isServer) request.CertificateExtensions.Add(Names(names));
        else request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var signed = request.Create(authority, From, Until, [serial++, (byte)name.Length, (byte)name[0]]);
        File.WriteAllText(Path($"{name}.crt"), signed.ExportCertificatePem());
        File.WriteAllText(Path($"{name}.key"), key.ExportECPrivateKeyPem());
    }

    static X509Extension Names(string[] more)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        foreach (var name in (string[])["localhost", .. more]) names.AddDnsName(name);
        return names.Build();
    }
}
