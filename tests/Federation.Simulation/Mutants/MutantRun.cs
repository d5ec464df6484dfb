using System.Diagnostics;

namespace Federation.Simulation;

/// <summary>
/// Builds the product once with all mutants in it, in a copy of the sources, and switches them on one by one: each must be
/// noticed by the simulation or by the tests it names. The product itself knows nothing of them.
/// </summary>
/// <param name="minutes">For how long things happen in each world.</param>
sealed class MutantRun(string root, string copy, string seeds, string minutes)
{
    const string Switch = """
        namespace Federation.Domain;

        public static class Mutant
        {
            static readonly string? On = System.Environment.GetEnvironmentVariable("FEDERATION_MUTANT");

            public static bool Is(string name) => On == name;
        }
        """;

    static readonly string[] Build = ["build", "tests/Federation.Tests", "-v", "q", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"];

    /// <summary>Prints a row for each; answers how many live.</summary>
    public async Task<int> RunAsync(IReadOnlyList<Mutant> mutants)
    {
        await PrepareAsync();
        var alive = 0;
        Console.WriteLine($"{"mutant",-28} {"caught by",-34} rule");
        foreach (var mutant in mutants)
        {
            var by = await CaughtByAsync(mutant);
            if (by is null) alive++;
            Console.WriteLine($"{mutant.Name,-28} {by ?? "ALIVE",-34} {mutant.Rule}");
        }

        Console.WriteLine($"{mutants.Count} mutants, {alive} alive");
        return alive;
    }

    async Task PrepareAsync()
    {
        var (_, listed) = await DoAsync("git", ["ls-files"], root, mutant: null);
        foreach (var file in listed.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var target = Path.Combine(copy, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(root, file), target, overwrite: true);
        }

        foreach (var mutant in Mutant.ReadAll(root))
        {
            foreach (var edit in mutant.Edits) await ApplyAsync(mutant, edit);
        }

        await File.WriteAllTextAsync(Path.Combine(copy, "shared/Domain/Mutant.cs"), Switch);
        foreach (var project in new[] { "tests/Federation.Tests", "tests/Federation.Simulation" })
        {
            var (code, said) = await DoAsync("dotnet", [.. Build.Select(argument => argument == "tests/Federation.Tests" ? project : argument)], copy, mutant: null);
            if (code != 0) throw new InvalidOperationException($"the mutants do not build:\n{said}");
        }
    }

    async Task ApplyAsync(Mutant mutant, MutantEdit edit)
    {
        var path = Path.Combine(copy, edit.File);
        var text = await File.ReadAllTextAsync(path);
        if (text.Split(edit.Find).Length != 2) throw new InvalidOperationException($"mutant {mutant.Name}: '{edit.Find}' does not occur exactly once in {edit.File}");
        await File.WriteAllTextAsync(path, text.Replace(edit.Find, edit.Put.Replace("MUTANT", $"global::Federation.Domain.Mutant.Is(\"{mutant.Name}\")", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    async Task<string?> CaughtByAsync(Mutant mutant)
    {
        var classes = mutant.By.Split('|').Where(static by => by != "simulation").ToList();
        if (classes.Count > 0)
        {
            var (code, _) = await DoAsync("dotnet", ["test", "tests/Federation.Tests", "--no-build", "--filter", string.Join('|', classes.Select(static name => $"FullyQualifiedName~.{name}."))], copy, mutant.Name);
            if (code != 0) return string.Join(", ", classes);
        }

        if (classes.Count == mutant.By.Split('|').Length) return null;
        var (violations, said) = await DoAsync("dotnet", ["run", "--no-build", "--project", "tests/Federation.Simulation", "--", "--seeds", seeds, "--minutes", minutes, "--stop", "true"], copy, mutant.Name);
        return violations == 0 ? null : said.Split('\n').FirstOrDefault(static line => line.StartsWith("seed ", StringComparison.Ordinal)) is { } found ? $"simulation, {found.Split(':')[0]}" : "simulation, at once";
    }

    static async Task<(int Code, string Said)> DoAsync(string command, IReadOnlyList<string> arguments, string folder, string? mutant)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (mutant is not null) start.Environment["FEDERATION_MUTANT"] = mutant;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
