using System.Diagnostics;
using System.Globalization;

namespace Federation.E2E;

/// <summary>A hub or an edge agent as a process of its own, of the build this suite belongs to. Its output goes to a file.</summary>
sealed class ServerProcess(string project, string assembly, IReadOnlyList<string> arguments, Uri api, string log, TimeProvider time) : IDisposable
{
    const int TailLines = 15;

    static readonly TimeSpan ReadyWithin = TimeSpan.FromMinutes(3);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    Process? process;

    /// <summary>Where its checks and metrics are.</summary>
    public Uri AnswersAt => api;

    /// <summary>Memory it holds, in MiB.</summary>
    public long MemoryMiB
    {
        get
        {
            process!.Refresh();
            return process.WorkingSet64 >> 20;
        }
    }

    /// <summary>How much of that are pages of files, of the runtime's most of all, which any other process of its kind shares; 0 where the system does not tell.</summary>
    public long FileMemoryMiB
    {
        get
        {
            var told = $"/proc/{process!.Id}/status";
            var line = File.Exists(told) ? File.ReadLines(told).FirstOrDefault(static line => line.StartsWith("RssFile:", StringComparison.Ordinal)) : null;
            return line is null ? 0 : long.Parse(line.AsSpan()["RssFile:".Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) >> 10;
        }
    }

    /// <summary>What it has had of the processors since its start.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process!.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    /// <param name="but">Options that have another value this time.</param>
    public async Task StartAsync(CancellationToken cancel, params (string Option, string Value)[] but)
    {
        var binary = Binary();
        if (!File.Exists(binary)) throw new StartFailure($"{binary} is missing: run 'dotnet build' first");

        process = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "log=$1; shift; exec dotnet \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, binary },
            UseShellExecute = false,
        }.With(arguments.Select((argument, index) => index > 0 ? but.Where(other => other.Option == arguments[index - 1]).Select(static other => other.Value).FirstOrDefault(argument) : argument)))!;
        await UntilReadyAsync(process, cancel);
    }

    /// <summary>Runs another command of the same program to its end; what it said.</summary>
    /// <exception cref="StartFailure">It failed.</exception>
    public async Task<string> CommandAsync(IReadOnlyList<string> command, CancellationToken cancel)
    {
        using var running = Process.Start(new ProcessStartInfo("dotnet") { ArgumentList = { Binary() }, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true }.With(command))!;
        var (said, failed) = (running.StandardOutput.ReadToEndAsync(cancel), running.StandardError.ReadToEndAsync(cancel));
        await running.WaitForExitAsync(cancel);
        return running.ExitCode == 0 ? await said : throw new StartFailure($"{assembly} {command[0]} ended with code {running.ExitCode}: {await failed}");
    }

    public void Kill()
    {
        if (process is null) return;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
        process = null;
    }

    public void Dispose() => Kill();

    async Task UntilReadyAsync(Process started, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = api, Timeout = AnswerWithin };
        var since = time.GetTimestamp();
        while (!await IsReadyAsync(http, cancel))
        {
            if (started.HasExited) throw new StartFailure($"{assembly} ended with code {started.ExitCode} at its start:\n{Tail()}");
            if (time.GetElapsedTime(since) > ReadyWithin) throw new StartFailure($"{assembly} was not ready within {ReadyWithin.TotalSeconds} s:\n{Tail()}");
            await Task.Delay(LookEvery, time, cancel);
        }
    }

    static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync("/readyz", cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The folder of the working copy this suite was built from.</summary>
    public static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Federation.sln"))) return folder.FullName;
        }

        throw new StartFailure($"there is no working copy above {AppContext.BaseDirectory}");
    }

    string Tail() => string.Join('\n', File.ReadAllLines(log).TakeLast(TailLines));

    /// <summary>Beside this suite's own folder: <c>artifacts/bin/PROJECT/CONFIGURATION</c>.</summary>
    string Binary()
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name, $"{assembly}.dll");
    }
}

/// <summary>A topology could not be started.</summary>
sealed class StartFailure(string message) : Exception(message);

file static class StartInfo
{
    extension(ProcessStartInfo start)
    {
        public ProcessStartInfo With(IEnumerable<string> arguments)
        {
            foreach (var argument in arguments) start.ArgumentList.Add(argument);
            return start;
        }
    }
}
