using System.Text.Json;

namespace Federation.Simulation;

/// <summary>A rule of the product, broken on purpose: whoever claims to test the rule must notice.</summary>
/// <param name="Name">Switches it on.</param>
/// <param name="Rule">What no longer holds then.</param>
/// <param name="By">Who must notice: <c>simulation</c>, or test classes, with <c>|</c> between them.</param>
/// <param name="Edits">What is changed in the sources; none where another mutant's edit holds it.</param>
sealed record Mutant(string Name, string Rule, string By, IReadOnlyList<MutantEdit> Edits)
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public static IReadOnlyList<Mutant> ReadAll(string root) =>
        JsonSerializer.Deserialize<List<Mutant>>(File.ReadAllText(Path.Combine(root, "tests/Federation.Simulation/Mutants/mutants.json")), Format)!;
}

/// <param name="File">Below the root of the sources.</param>
/// <param name="Find">Occurs exactly once there.</param>
/// <param name="Put">What takes its place; <c>MUTANT</c> in it is true when the mutant is switched on.</param>
sealed record MutantEdit(string File, string Find, string Put);
