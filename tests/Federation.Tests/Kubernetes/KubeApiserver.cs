using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Federation.Kubernetes;

namespace Federation.Tests.Kubernetes;

/// <summary>A test that needs a real API server.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubeFactAttribute : FactAttribute
{
    public KubeFactAttribute()
    {
        if (KubeApiserver.Assets is null) Skip = "KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver.";
    }
}

/// <summary>A real etcd and kube-apiserver on loopback, for the tests of one class.</summary>
public sealed class KubeApiserver : IAsyncLifetime
{
    static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(120);

    readonly string folder = Directory.CreateTempSubdirectory("kube").FullName;
    readonly List<Process> processes = [];

    public static string? Assets => Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder && Directory.Exists(folder) ? folder : null;

    /// <summary>Contexts: <c>token</c> and <c>certificate</c> may do everything, <c>nobody</c> nothing.</summary>
    public KubernetesConnection Connect(string context) => KubernetesConnection.FromKubeconfig(Path.Combine(folder, "kubeconfig"), context);

    public async Task InitializeAsync()
    {
        if (Assets is null) return;

        var (etcd, peer, api) = (FreePort(), FreePort(), FreePort());
        WriteKeys();
        await File.WriteAllTextAsync(InFolder("tokens.csv"), "all,admin,1,\"system:masters\"\nnone,nobody,2,\"nobodies\"\n");
        await File.WriteAllTextAsync(InFolder("kubeconfig"), Kubeconfig(api));
        Run("etcd", "--data-dir", InFolder("etcd"), "--listen-client-urls", $"http://127.0.0.1:{etcd}", "--advertise-client-urls", $"http://127.0.0.1:{etcd}",
            "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}", "--initial-cluster", $"default=http://127.0.0.1:{peer}");
        Run("kube-apiserver", "--bind-address=127.0.0.1", $"--secure-port={api}", $"--etcd-servers=http://127.0.0.1:{etcd}", "--endpoint-reconciler-type=none",
            $"--cert-dir={InFolder("generated")}", $"--tls-cert-file={InFolder("ca.crt")}", $"--tls-private-key-file={InFolder("ca.key")}", $"--client-ca-file={InFolder("ca.crt")}",
            $"--token-auth-file={InFolder("tokens.csv")}", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
            "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-signing-key-file={InFolder("sa.key")}", $"--service-account-key-file={InFolder("sa.pub")}");
        await UntilReadyAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(processes))
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    async Task UntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(StartWithin);
        using var connection = Connect("token");
        while (true)
        {
            if (processes.Find(static process => process.HasExited) is { } ended) throw new InvalidOperationException($"{ended.StartInfo.FileName} ended with code {ended.ExitCode}.");
            try
            {
                using var answer = await connection.Http.GetAsync(new Uri(connection.Base, "/readyz"), limit.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, limit.Token);
        }
    }

    void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Assets!, program), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        processes.Add(process);
    }

    /// <summary>One certificate that serves and signs, one client's signed by it, and the key of service accounts.</summary>
    void WriteKeys()
    {
        var (from, until) = (DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var authority = request.CreateSelfSigned(from, until);
        File.WriteAllText(InFolder("ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(InFolder("ca.key"), key.ExportECPrivateKeyPem());

        using var clientKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var client = new CertificateRequest("O=system:masters, CN=admin", clientKey, HashAlgorithmName.SHA256);
        client.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var signed = client.Create(authority, from, until, [1, 2, 3]);
        File.WriteAllText(InFolder("client.crt"), signed.ExportCertificatePem());
        File.WriteAllText(InFolder("client.key"), clientKey.ExportECPrivateKeyPem());

        using var accounts = RSA.Create(2048);
        File.WriteAllText(InFolder("sa.key"), accounts.ExportRSAPrivateKeyPem());
        File.WriteAllText(InFolder("sa.pub"), accounts.ExportSubjectPublicKeyInfoPem());
    }

    static string Kubeconfig(int port) => $$"""
        clusters: [{name: c, cluster: {server: "https://127.0.0.1:{{port}}", certificate-authority: ca.crt} }]
        users:
        - {name: token, user: {token: all} }
        - {name: certificate, user: {client-certificate: client.crt, client-key: client.key} }
        - {name: nobody, user: {token: none} }
        contexts:
        - {name: token, context: {cluster: c, user: token} }
        - {name: certificate, context: {cluster: c, user: certificate} }
        - {name: nobody, context: {cluster: c, user: nobody} }
        """;

    string InFolder(string name) => Path.Combine(folder, name);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
