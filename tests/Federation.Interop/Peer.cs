using System.Diagnostics;

namespace Federation.Interop;

/// <summary>Another implementation of gRPC, with its scripts beside this file.</summary>
sealed record Peer(string Folder, string Program, string Extension)
{
    public static readonly Peer Node = new("node", "node", "js");

    public static readonly Peer Python = new("python", "/usr/bin/python3", "py");

    static readonly string Root = FindRoot();

    string Scripts => Path.Combine(Root, "tests", "Federation.Interop", Folder);

    public static Peer Named(string name) => name switch
    {
        "node" => Node,
        "python" => Python,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such peer."),
    };

    /// <summary>Why it cannot run here, or null when it can.</summary>
    public string? WhyMissing()
    {
        string[] probe = this == Node
            ? ["-e", "require('@grpc/grpc-js'); require('@grpc/proto-loader')"]
            : ["-c", "import grpc, google.protobuf, shutil, sys; sys.exit(0 if shutil.which('protoc') else 1)"];
        try
        {
            using var process = Process.Start(Describe(probe))!;
            process.StandardInput.Close();
            process.WaitForExit(TimeSpan.FromMinutes(3));
            return process.HasExited && process.ExitCode == 0 ? null : $"{Folder} has no gRPC here: run tests/Federation.Interop/setup.sh";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"{Program} is not installed: run tests/Federation.Interop/setup.sh";
        }
    }

    public Process Run(string script, params string[] arguments) =>
        Process.Start(Describe([Path.Combine(Scripts, $"{script}.{Extension}"), .. arguments]))!;

    ProcessStartInfo Describe(IEnumerable<string> arguments) => new(Program, arguments)
    {
        WorkingDirectory = Scripts,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["PROTO_PATH"] = $"{Path.Combine(Root, "proto")}:{Path.Combine(Root, "tests", "Federation.Tests", "Grpc")}",
            ["PYTHONDONTWRITEBYTECODE"] = "1",
            ["PYTHONUTF8"] = "1",
        },
    };

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Federation.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
