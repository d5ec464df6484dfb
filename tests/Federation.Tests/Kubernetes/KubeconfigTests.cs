using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Federation.Kubernetes;

namespace Federation.Tests.Kubernetes;

public sealed class KubeconfigTests : IDisposable
{
    readonly VirtualTime time = new();
    readonly string folder = Directory.CreateTempSubdirectory("kubeconfig").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Files_are_looked_for_where_kubectl_does()
    {
        Assert.Equal(["x"], KubeconfigReader.Paths("x", static _ => "y"));
        Assert.Equal(["a", "b"], KubeconfigReader.Paths(null, static name => name == "KUBECONFIG" ? $"a{Path.PathSeparator}{Path.PathSeparator}b" : null));
        Assert.Equal([Path.Combine("h", ".kube", "config")], KubeconfigReader.Paths(null, static name => name == "HOME" ? "h" : null));
    }

    [Fact]
    public async Task Of_several_files_the_first_to_name_a_thing_wins_and_missing_ones_are_passed_over()
    {
        var one = Write("one", """
            clusters: [{name: c, cluster: {server: "https://one:6443"}}]
            users:
            """);
        var two = Write("two", """
            current-context: x
            clusters: [{name: c, cluster: {server: "https://two"}}]
            contexts: [{name: x, context: {cluster: c, user: u, namespace: ns}}]
            users: [{name: u, user: {token: t}}]
            """);
        var three = Write("three", "current-context: y");

        var (access, ns) = Access([one, Path.Combine(folder, "none"), two, three]);

        Assert.Equal(("https://one:6443/", "ns"), (access.Url.AbsoluteUri, ns));
        Assert.Equal("t", (await access.Credentials.CurrentAsync(default).Within()).Token);
    }

    [Theory]
    [InlineData("current-context: y")]
    [InlineData("current-context: ''")]
    [InlineData("clusters: [{name: c, cluster: {server: 'ftp://s'}}]")]
    [InlineData("clusters: [{name: c, cluster: {}}]")]
    [InlineData("clusters: [{name: other, cluster: {server: 'https://s'}}]")]
    [InlineData("clusters: [{name: c, cluster: {server: 'https://s', insecure-skip-tls-verify: true, certificate-authority-data: eA==}}]")]
    [InlineData("clusters: [{name: c, cluster: {server: 'https://s', certificate-authority-data: '!'}}]")]
    [InlineData("clusters: [{name: c, cluster: {server: 'https://s', certificate-authority-data: eA==}}]")]
    [InlineData("clusters: [{name: c, cluster: {server: 'https://s', proxy-url: 'gopher://p'}}]")]
    [InlineData("users: [{name: u, user: {client-certificate-data: eA==}}]")]
    [InlineData("users: [{name: u, user: {client-certificate-data: eA==, client-key-data: eA==}}]")]
    [InlineData("users: [{name: u, user: {auth-provider: {name: gcp}}}]")]
    [InlineData("users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}]")]
    [InlineData("users: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}}]")]
    [InlineData("users: [{name: u, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}}]")]
    [InlineData("users: []")]
    [InlineData("clusters: {not: [a, list")]
    public void What_is_wrong_is_said_before_anything_is_asked(string wrong)
    {
        var first = Write("first", wrong);
        var rest = Write("rest", """
            current-context: x
            clusters: [{name: c, cluster: {server: "https://s"}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """);

        Assert.Throws<InvalidDataException>(() => Access(wrong.StartsWith("current", StringComparison.Ordinal) ? [first] : [first, rest]));
    }

    [Fact]
    public async Task Paths_are_meant_from_the_folder_of_the_file_and_tokens_are_read_again()
    {
        var token = Write("token", "one\n");
        var (access, _) = Access([Write("config", Config(user: "{tokenFile: token}"))]);
        Assert.Equal("one", (await access.Credentials.CurrentAsync(default).Within()).Token);

        await File.WriteAllTextAsync(token, "two");
        Assert.Equal("one", (await access.Credentials.CurrentAsync(default).Within()).Token);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("two", (await access.Credentials.CurrentAsync(default).Within()).Token);

        File.Delete(token);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("two", (await access.Credentials.CurrentAsync(default).Within()).Token);
    }

    [Fact]
    public async Task A_refused_token_is_read_again_at_once()
    {
        var token = Write("token", "one");
        var (access, _) = Access([Write("config", Config(user: "{tokenFile: token}"))]);
        var refused = await access.Credentials.CurrentAsync(default).Within();

        await File.WriteAllTextAsync(token, "two");
        access.Credentials.Refused(refused);

        Assert.Equal("two", (await access.Credentials.CurrentAsync(default).Within()).Token);
    }

    [Fact]
    public async Task A_plugin_runs_once_however_many_ask_and_again_before_its_answer_expires()
    {
        var plugin = new PluginByHand();
        var credentials = new ExecCredentials(plugin, time);

        var asked = Enumerable.Range(0, 20).Select(_ => credentials.CurrentAsync(default).AsTask()).ToList();
        Assert.Equal(1, plugin.Runs);
        plugin.Give("one", VirtualTime.Start + TimeSpan.FromMinutes(5));
        Assert.All(await Task.WhenAll(asked).Within(), static credential => Assert.Equal("one", credential.Token));

        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(10));
        asked = [.. Enumerable.Range(0, 20).Select(_ => credentials.CurrentAsync(default).AsTask())];
        plugin.Give("two", null);
        Assert.All(await Task.WhenAll(asked).Within(), static credential => Assert.Equal("two", credential.Token));
        Assert.Equal(2, plugin.Runs);
    }

    [Fact]
    public async Task A_plugin_that_failed_or_whose_answer_was_refused_runs_again()
    {
        var plugin = new PluginByHand();
        var credentials = new ExecCredentials(plugin, time);
        var failing = credentials.CurrentAsync(default).AsTask();
        plugin.Fail();
        await Assert.ThrowsAsync<HttpRequestException>(() => failing.Within());

        var one = credentials.CurrentAsync(default).AsTask();
        plugin.Give("one", null);
        credentials.Refused(new Credential("another", null));
        Assert.Equal("one", (await credentials.CurrentAsync(default).Within()).Token);
        credentials.Refused(await one.Within());
        var two = credentials.CurrentAsync(default).AsTask();
        plugin.Give("two", null);

        Assert.Equal("two", (await two.Within()).Token);
    }

    [Fact]
    public async Task A_plugin_is_a_program_that_is_told_of_the_cluster()
    {
        var script = Write("plugin", """
            #!/bin/sh
            test "$1" = "two words" || exit 1
            test "$COLOUR" = blue || exit 1
            case "$KUBERNETES_EXEC_INFO" in *'"server":"https://s"'*) ;; *) exit 1 ;; esac
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2031-01-01T00:00:00Z"}}'
            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal("t", (await RunPluginAsync("./plugin", "[two words]").Within()).Token);
        await Assert.ThrowsAsync<HttpRequestException>(() => RunPluginAsync("./plugin", "[one]").Within());
        await Assert.ThrowsAsync<HttpRequestException>(() => RunPluginAsync("./none", "[]").Within());
        await Assert.ThrowsAsync<HttpRequestException>(() => RunPluginAsync("echo", "['{}']").Within());
    }

    [Fact]
    public async Task The_name_in_tls_server_name_is_asked_for_and_checked()
    {
        using var certificate = Certificate("kube.internal");
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));

        Assert.Equal("kube.internal", await AskedNameAsync(certificate, authority, "kube.internal"));
        await Assert.ThrowsAsync<HttpRequestException>(() => AskedNameAsync(certificate, authority, "other.internal"));
    }

    [Fact]
    public async Task A_pod_finds_its_server_and_says_its_token()
    {
        using var certificate = Certificate("pod");
        Write("ca.crt", certificate.ExportCertificatePem());
        Write("namespace", "team\n");
        var missing = Assert.Throws<InvalidDataException>(() => KubernetesConnection.InCluster(folder, static _ => null, time));
        Assert.Contains("KUBERNETES_SERVICE_HOST", missing.Message, StringComparison.Ordinal);

        using var connection = KubernetesConnection.InCluster(folder, static name => name == "KUBERNETES_SERVICE_HOST" ? "fd00::1" : "443", time);

        Assert.Equal(("https://[fd00::1]/", "team"), (connection.Base.AbsoluteUri, connection.DefaultNamespace));
        await Assert.ThrowsAsync<HttpRequestException>(() => connection.Http.GetAsync(connection.Base).Within());
    }

    /// <summary>The name that a client of a server with this certificate asks for, when it accepts the certificate.</summary>
    async Task<string?> AskedNameAsync(X509Certificate2 certificate, string authority, string name)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var cluster = $"{{server: 'https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}', certificate-authority-data: {authority}, tls-server-name: {name}}}";
        using var connection = KubernetesConnection.From(KubeconfigReader.Read([Write("tls", Config(cluster))]), context: null, time);
        using var stop = new CancellationTokenSource();
        var request = connection.Http.GetAsync(connection.Base, stop.Token);
        using var socket = await listener.AcceptTcpClientAsync().Within();
        await using var tls = new SslStream(socket.GetStream());
        var shaken = tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
        if (await Task.WhenAny(request, ReadByteAsync()).Within() == request) await request;

        await stop.CancelAsync();
        return tls.TargetHostName;

        async Task ReadByteAsync()
        {
            await shaken;
            if (await tls.ReadAsync(new byte[1]) == 0) await Task.Delay(Timeout.InfiniteTimeSpan, time);
        }
    }

    async Task<Credential> RunPluginAsync(string command, string arguments)
    {
        var exec = $"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}, args: {arguments}, provideClusterInfo: true, env: [{{name: COLOUR, value: blue}}]}}}}";
        var (access, _) = Access([Write("config", Config(user: exec))]);
        return await access.Credentials.CurrentAsync(default);
    }

    (ServerAccess Access, string? Namespace) Access(IReadOnlyList<string> paths) => KubeconfigAccess.Of(KubeconfigReader.Read(paths), context: null, time);

    static string Config(string cluster = "{server: 'https://s'}", string user = "{}") => $$"""
        current-context: x
        clusters: [{name: c, cluster: {{cluster}} }]
        contexts: [{name: x, context: {cluster: c, user: u} }]
        users: [{name: u, user: {{user}} }]
        """;

    string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    /// <summary>A plugin that answers when the test says.</summary>
    sealed class PluginByHand : IExecPlugin
    {
        TaskCompletionSource<ExecAnswer> answer = new();

        public int Runs { get; private set; }

        public Task<ExecAnswer> RunAsync(TimeProvider time)
        {
            Runs++;
            answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return answer.Task;
        }

        public void Give(string token, DateTimeOffset? until) => answer.SetResult(new(new Credential(token, null), until));

        public void Fail() => answer.SetException(new HttpRequestException(HttpRequestError.UserAuthenticationError));
    }
}
