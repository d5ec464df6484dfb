using System.Text.Json.Nodes;

namespace Federation.Tests.House;

/// <summary>A mutant whose edit no longer fits guards nothing.</summary>
public class MutantTests
{
    static readonly JsonArray Mutants = JsonNode.Parse(Repository.Read("tests/Federation.Simulation/Mutants/mutants.json"))!.AsArray();

    [Fact]
    public void Every_edit_of_a_mutant_fits_exactly_one_place()
    {
        foreach (var mutant in Mutants)
        {
            foreach (var edit in mutant!["edits"]!.AsArray())
            {
                var text = Repository.Read(edit!["file"]!.ToString());
                Assert.True(text.Split(edit["find"]!.ToString()).Length == 2, $"mutant {mutant["name"]}: '{edit["find"]}' does not occur exactly once in {edit["file"]}");
                Assert.True(edit["put"]!.ToString().Contains("MUTANT", StringComparison.Ordinal), $"mutant {mutant["name"]} cannot be switched off");
            }
        }
    }

    [Fact]
    public void Each_of_at_least_forty_rules_has_a_mutant_of_its_own_name()
    {
        var names = Mutants.Select(static mutant => mutant!["name"]!.ToString()).ToList();

        Assert.True(names.Count >= 40);
        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
    }
}
