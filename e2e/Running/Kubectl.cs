using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Federation.E2E;

/// <summary>The kubectl of this machine, used as a user would: no flags but the address.</summary>
/// <param name="kubeconfig">How to reach a server that asks who is there; null for one that does not.</param>
sealed class Kubectl(Uri server, CancellationToken cancel, string? kubeconfig = null)
{
    static readonly string Caches = CachesOfThisProcess();

    /// <summary>Each topology is another server: what kubectl remembers of one must not be taken for another.</summary>
    readonly string cache = Path.Combine(Caches, server.Port.ToString(CultureInfo.InvariantCulture));

    /// <summary>What kubectl printed; it must have succeeded.</summary>
    public async Task<string> RunAsync(string arguments, string? input = null, string? editor = null)
    {
        var (code, said, error) = await TryAsync(arguments, input, editor);
        Expect.That(code == 0, $"kubectl {arguments} ended with {code}: {error.Trim()}");
        return said;
    }

    /// <summary>What kubectl complained of; it must have failed.</summary>
    public async Task<string> FailsAsync(string arguments, string? input = null)
    {
        var (code, said, error) = await TryAsync(arguments, input, editor: null);
        Expect.That(code != 0, $"kubectl {arguments} succeeded: {said.Trim()}");
        return error;
    }

    /// <summary>Exit code, output and complaints.</summary>
    public async Task<(int Code, string Said, string Error)> TryAsync(string arguments, string? input, string? editor)
    {
        var start = new ProcessStartInfo("kubectl") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[.. kubeconfig is null ? ["-s", server.ToString()] : Array.Empty<string>(), "--cache-dir", cache, .. Split(arguments)]) start.ArgumentList.Add(argument);
        start.Environment["KUBECONFIG"] = kubeconfig ?? "/dev/null";
        if (editor is not null) start.Environment["KUBE_EDITOR"] = editor;
        using var process = Start(start);
        var (said, error) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await said, await error);
    }

    /// <summary>A folder that goes with the process.</summary>
    static string CachesOfThisProcess()
    {
        var folder = Directory.CreateTempSubdirectory("federation-kubectl-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return folder.FullName;
    }

    static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new CaseFailure("there is no kubectl on this machine");
        }
    }

    /// <summary>At blanks, but not within single quotes.</summary>
    static IEnumerable<string> Split(string arguments)
    {
        var parts = arguments.Split('\'');
        for (var i = 0; i < parts.Length; i++)
        {
            if (i % 2 == 1) yield return parts[i];
            else foreach (var word in parts[i].Split(' ', StringSplitOptions.RemoveEmptyEntries)) yield return word;
        }
    }
}
