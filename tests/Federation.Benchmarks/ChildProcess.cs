using System.Diagnostics;
using Federation.E2E;

namespace Federation.Benchmarks;

/// <summary>A server as a process of its own, so that it and its clients do not share a runtime.</summary>
sealed class ChildProcess : IDisposable
{
    readonly Process process;

    ChildProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Memory the process holds, in MiB.</summary>
    public long MemoryMiB
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 >> 20;
        }
    }

    /// <summary>What the process has used of the cores since its start. Unlike the clock it does not run while others are served.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    public static Task<ChildProcess> HubAsync(string store, string option = "--data")
    {
        var ports = FreePorts.Take(2);
        return StartAsync("Federation.Hub/federation-hub.dll", new($"http://127.0.0.1:{ports[0]}"), ["serve", option, store, "--api-url", $"http://127.0.0.1:{ports[0]}", "--grpc-url", $"http://127.0.0.1:{ports[1]}"]);
    }

    public static Task<ChildProcess> EchoAsync()
    {
        var port = FreePorts.Take(1)[0];
        return StartAsync("Federation.Benchmarks/Federation.Benchmarks.dll", new($"http://127.0.0.1:{port}"), ["--echo", $"{port}"]);
    }

    static async Task<ChildProcess> StartAsync(string assembly, Uri address, IReadOnlyList<string> arguments)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var parts = assembly.Split('/');
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Path.Combine(own.Parent!.Parent!.FullName, parts[0], own.Name, parts[1]));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = address };
        while (!await IsReadyAsync(http))
        {
            if (process.HasExited) throw new InvalidOperationException($"{assembly} ended with {process.ExitCode}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return new(process, address);
    }

    static async Task<bool> IsReadyAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }
}
