using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Federation.Kubernetes;

namespace Federation.E2E;

/// <summary>
/// A real etcd and kube-apiserver on loopback. Contexts of its kubeconfig: <c>token</c> and <c>certificate</c> may do everything,
/// <c>nobody</c> nothing.
/// </summary>
sealed class KubeServer : IAsyncDisposable
{
    const string AuditPolicy = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - {level: Metadata, userGroups: ["system:serviceaccounts"]}
        - {level: None}
        """;

    /// <summary>As the API server's own metrics name requests that write.</summary>
    static readonly string[] Writing = ["verb=\"POST\"", "verb=\"PUT\"", "verb=\"PATCH\"", "verb=\"DELETE\""];

    static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>In memory where the machine has such a folder: etcd waits for its disk at every write.</summary>
    static readonly string Root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    readonly DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(Root, $"federation-kube-{Guid.NewGuid():N}"));
    readonly int etcdPort;
    readonly int peerPort;
    readonly int apiPort;
    readonly TimeProvider time;
    Process? etcd;
    Process? api;
    Process? controllers;

    KubeServer(TimeProvider time)
    {
        this.time = time;
        var ports = FreePorts.Take(3);
        (etcdPort, peerPort, apiPort) = (ports[0], ports[1], ports[2]);
        Keys = new(folder.FullName);
    }

    public KubeKeys Keys { get; }

    public Uri Url => new($"https://127.0.0.1:{apiPort}");

    /// <summary>What service accounts asked, one line of JSON each.</summary>
    public string AuditLogPath => Keys.Path("audit.log");

    /// <summary>What API server and etcd have had of the processors.</summary>
    public TimeSpan ProcessorTime => ProcessorTimeOf(api!) + ProcessorTimeOf(etcd!);

    public string KubeconfigPath => Keys.Path("kubeconfig");

    /// <param name="withControllers">Whether what is orphaned is collected, and deleted namespaces are emptied.</param>
    public static async Task<KubeServer> StartAsync(TimeProvider time, CancellationToken cancel, bool withControllers = false)
    {
        if (KubeBinaries.Folder is null) throw new StartFailure(KubeBinaries.Absent);
        var server = new KubeServer(time);
        try
        {
            server.Keys.Write();
            await File.WriteAllTextAsync(server.Keys.Path("tokens.csv"), "all,admin,1,\"system:masters\"\nnone,nobody,2,\"nobodies\"\n", cancel);
            await File.WriteAllTextAsync(server.KubeconfigPath, Kubeconfig("token", "{token: all}", server.Url), cancel);
            await File.WriteAllTextAsync(server.Keys.Path("audit.yaml"), AuditPolicy, cancel);
            server.StartEtcd();
            await server.StartApiAsync(cancel);
            if (withControllers) server.StartControllers();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public KubernetesConnection Connect(string context = "token") => KubernetesConnection.FromKubeconfig(KubeconfigPath, context);

    /// <summary>A kubeconfig of this server for another user; its path.</summary>
    /// <param name="through">Where it is to be asked, when not directly.</param>
    public string WriteKubeconfig(string name, string user, Uri? through = null)
    {
        File.WriteAllText(Keys.Path(name), Kubeconfig(name, user, through ?? Url));
        return Keys.Path(name);
    }

    /// <summary>How many requests to write something the API server has answered.</summary>
    public async Task<long> WritesAsync()
    {
        using var connection = Connect();
        var metrics = await connection.Http.GetStringAsync(new Uri(connection.Base, "/metrics"));
        return metrics.Split('\n')
            .Where(static line => line.StartsWith("apiserver_request_total{", StringComparison.Ordinal) && Writing.Any(verb => line.Contains(verb, StringComparison.Ordinal)))
            .Sum(static line => long.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }

    /// <summary>Ends the API server the hard way; what it has acknowledged is in etcd.</summary>
    public void KillApi() => End(ref api);

    public async Task StartApiAsync(CancellationToken cancel)
    {
        api = Run("kube-apiserver", "--bind-address=127.0.0.1", $"--secure-port={apiPort}", $"--etcd-servers=http://127.0.0.1:{etcdPort}", "--endpoint-reconciler-type=none",
            $"--cert-dir={Keys.Path("generated")}", $"--tls-cert-file={Keys.Path("server.crt")}", $"--tls-private-key-file={Keys.Path("server.key")}", $"--client-ca-file={Keys.Path("ca.crt")}",
            $"--token-auth-file={Keys.Path("tokens.csv")}", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--disable-admission-plugins=ServiceAccount",
            "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-signing-key-file={Keys.Path("sa.key")}", $"--service-account-key-file={Keys.Path("sa.pub")}",
            $"--requestheader-client-ca-file={Keys.Path("front-ca.crt")}", "--requestheader-allowed-names=front-proxy", "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            $"--audit-policy-file={Keys.Path("audit.yaml")}", $"--audit-log-path={AuditLogPath}",
            $"--proxy-client-cert-file={Keys.Path("front.crt")}", $"--proxy-client-key-file={Keys.Path("front.key")}");
        await UntilReadyAsync(cancel);
    }

    /// <summary>Lets etcd forget everything but the newest of each object.</summary>
    public async Task CompactAsync(CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{etcdPort}") };
        using var status = await http.PostAsync("/v3/maintenance/status", Json("{}"), cancel);
        var revision = JsonNode.Parse(await status.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancel))!["header"]!["revision"]!;
        using var compacted = await http.PostAsync("/v3/kv/compaction", Json($$"""{"revision":"{{revision}}","physical":true}"""), cancel);
        compacted.EnsureSuccessStatusCode();
    }

    static StringContent Json(string text) => new(text, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

    public async ValueTask DisposeAsync()
    {
        End(ref controllers);
        End(ref api);
        End(ref etcd);
        await Task.CompletedTask;
        folder.Delete(recursive: true);
    }

    void StartEtcd() => etcd = Run("etcd", "--data-dir", Keys.Path("etcd"), "--listen-client-urls", $"http://127.0.0.1:{etcdPort}", "--advertise-client-urls", $"http://127.0.0.1:{etcdPort}",
        "--listen-peer-urls", $"http://127.0.0.1:{peerPort}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peerPort}", "--initial-cluster", $"default=http://127.0.0.1:{peerPort}");

    void StartControllers() => controllers = Run("kube-controller-manager", $"--kubeconfig={KubeconfigPath}", "--leader-elect=false", "--bind-address=127.0.0.1",
        $"--secure-port={FreePorts.Take(1)[0]}", "--port=0", $"--cert-dir={Keys.Path("generated-controllers")}", "--controllers=garbagecollector,namespace", "--use-service-account-credentials=false");

    async Task UntilReadyAsync(CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(StartWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        using var connection = Connect();
        while (true)
        {
            if (new[] { etcd!, api! }.FirstOrDefault(static process => process.HasExited) is { } ended) throw new StartFailure($"{ended.StartInfo.FileName} ended with code {ended.ExitCode}");
            try
            {
                using var answer = await connection.Http.GetAsync(new Uri(connection.Base, "/readyz"), either.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !either.IsCancellationRequested))
            {
                // Not listening yet, or too slow to take the connection.
            }

            await Task.Delay(LookEvery, time, either.Token);
        }
    }

    static Process Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(KubeBinaries.Folder!, program), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    static TimeSpan ProcessorTimeOf(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    static void End(ref Process? process)
    {
        if (process is null) return;
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        process = null;
    }

    static string Kubeconfig(string current, string user, Uri url) => $$"""
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "{{url.AbsoluteUri.TrimEnd('/')}}", certificate-authority: ca.crt} }]
        users:
        - {name: {{current}}, user: {{user}} }
        - {name: certificate, user: {client-certificate: client.crt, client-key: client.key} }
        - {name: nobody, user: {token: none} }
        contexts:
        - {name: {{current}}, context: {cluster: c, user: {{current}}} }
        - {name: certificate, context: {cluster: c, user: certificate} }
        - {name: nobody, context: {cluster: c, user: nobody} }
        current-context: {{current}}
        """;
}
