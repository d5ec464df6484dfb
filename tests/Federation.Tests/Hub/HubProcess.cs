using System.Diagnostics;
using Federation.E2E;
using Federation.Kubernetes;

namespace Federation.Tests.Hub;

/// <summary>The hub as a process of its own, of this build: it can be killed, and refuse to start.</summary>
sealed class HubProcess(string storeOption, string store) : IDisposable
{
    readonly IReadOnlyList<int> ports = FreePorts.Take(2);
    Process? process;

    public HubProcess(string data) : this("--data", data)
    {
    }

    public int Id => process!.Id;

    public Uri Address => new($"http://127.0.0.1:{ports[0]}");

    public IKubernetesApi Api => new KubernetesRestClient(KubernetesConnection.FromUrl(Address), TimeProvider.System);

    /// <summary>Starts it, and waits until it serves.</summary>
    public async Task<IKubernetesApi> StartAsync()
    {
        await BeginAsync("/readyz");
        return Api;
    }

    /// <summary>Starts it, and waits until it answers well on a path.</summary>
    public async Task BeginAsync(string path)
    {
        process = Run(["serve", storeOption, store, "--api-url", Address.ToString(), "--grpc-url", $"http://127.0.0.1:{ports[1]}"]);
        await UntilAsync(path);
    }

    /// <summary>Waits until it answers well on a path.</summary>
    public async Task UntilAsync(string path)
    {
        var cancel = Limits.Cancel;
        using var http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
        while (!await IsWellAsync(http, path)) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
    }

    /// <summary>Waits until it ends by itself.</summary>
    public Task EndedAsync() => process!.WaitForExitAsync().Within();

    /// <summary>Without a chance to write anything more.</summary>
    public void Kill()
    {
        process?.Kill(entireProcessTree: true);
        process?.WaitForExit();
        process?.Dispose();
        process = null;
    }

    public void Dispose() => Kill();

    /// <summary>Starts a hub that is to end by itself; its exit code and what it said.</summary>
    public static async Task<(int Code, string Said)> EndsAsync(params string[] arguments)
    {
        using var process = Run(arguments);
        var said = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().Within();
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await said.Within());
    }

    static Process Run(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add(typeof(Federation.Hub.HubOptions).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    static async Task<bool> IsWellAsync(HttpClient http, string path)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
