using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Federation.Kubernetes;

/// <summary>A program that prints credentials (<c>client.authentication.k8s.io</c>).</summary>
sealed class ExecPlugin : IExecPlugin
{
    const string Group = "client.authentication.k8s.io";
    const int AnswerCharsMax = 1024 * 1024;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(60);

    readonly Kubeconfig.Exec exec;
    readonly string info;

    /// <exception cref="InvalidDataException">The plugin cannot be run from here.</exception>
    public ExecPlugin(Kubeconfig.Exec exec, Kubeconfig.Cluster cluster)
    {
        if (exec.Command is not { Length: > 0 }) throw new InvalidDataException("The kubeconfig's exec has no command.");
        if (exec.ApiVersion is not ($"{Group}/v1" or $"{Group}/v1beta1")) throw new InvalidDataException($"The kubeconfig's exec is of the unknown version \"{exec.ApiVersion}\".");
        if (exec.InteractiveMode is "Always") throw new InvalidDataException("The kubeconfig's exec wants to talk to a person, and there is none.");

        this.exec = exec;
        info = Info(exec, cluster).ToJsonString();
    }

    public async Task<ExecAnswer> RunAsync(TimeProvider time)
    {
        try
        {
            using var limit = new CancellationTokenSource(AnswerWithin, time);
            return Read(await OutputAsync(limit.Token));
        }
        catch (Exception e) when (e is Win32Exception or IOException or JsonException or OperationCanceledException or CryptographicException)
        {
            throw new HttpRequestException(HttpRequestError.UserAuthenticationError, $"The credential plugin {exec.Command} gave no credentials.", e);
        }
    }

    async Task<string> OutputAsync(CancellationToken cancel)
    {
        using var process = new Process { StartInfo = StartInfo() };
        process.Start();
        try
        {
            process.StandardInput.Close();
            var text = new char[AnswerCharsMax];
            var length = await process.StandardOutput.ReadBlockAsync(text, cancel);
            if (length == AnswerCharsMax) throw new IOException("The plugin says too much.");

            await process.WaitForExitAsync(cancel);
            return process.ExitCode == 0 ? new string(text, 0, length) : throw new IOException($"The plugin ended with exit code {process.ExitCode}.");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(exec.Command!, exec.Arguments ?? []) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var variable in exec.Environment ?? []) start.Environment[variable.Name] = variable.Value;
        start.Environment["KUBERNETES_EXEC_INFO"] = info;
        return start;
    }

    /// <summary>What the plugin is told of whom the credentials are for.</summary>
    static JsonObject Info(Kubeconfig.Exec exec, Kubeconfig.Cluster cluster)
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (exec.WantsCluster)
        {
            spec["cluster"] = new JsonObject
            {
                ["server"] = cluster.Server,
                ["tls-server-name"] = cluster.TlsServerName,
                ["insecure-skip-tls-verify"] = cluster.SkipTlsVerify,
                ["certificate-authority-data"] = cluster.AuthorityBase64 ?? (cluster.AuthorityFile is { } file ? Convert.ToBase64String(File.ReadAllBytes(file)) : null),
                ["proxy-url"] = cluster.ProxyUrl,
            };
        }

        return new JsonObject { ["apiVersion"] = exec.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec };
    }

    ExecAnswer Read(string text)
    {
        var answer = JsonSerializer.Deserialize<Answer>(text, JsonSerializerOptions.Web);
        if (answer?.Status is not { } status || answer.Kind != "ExecCredential") throw new JsonException("The plugin's answer holds no credentials.");
        if (answer.ApiVersion != exec.ApiVersion) throw new JsonException("The plugin's answer is of another version than it was asked for.");

        var certificate = status is { ClientCertificateData: { } pem, ClientKeyData: { } key } ? X509Certificate2.CreateFromPem(pem, key) : null;
        var credential = new Credential(status.Token is { Length: > 0 } token ? token : null, certificate);
        return credential == Credential.None
            ? throw new JsonException("The plugin's answer holds neither a token nor a certificate with its key.")
            : new ExecAnswer(credential, status.ExpirationTimestamp);
    }

    sealed record Answer(string? ApiVersion, string? Kind, Given? Status);

    sealed record Given(string? Token, string? ClientCertificateData, string? ClientKeyData, DateTimeOffset? ExpirationTimestamp);
}
