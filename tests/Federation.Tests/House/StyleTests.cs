using System.Text.RegularExpressions;

namespace Federation.Tests.House;

/// <summary>What neither the compiler nor the check of the white space tells of the style; <c>dotnet format</c> mends both.</summary>
public sealed partial class StyleTests
{
    [Fact]
    public void Usings_are_in_order() => Assert.All(Repository.Files("*.cs"), static file => Assert.Null(Misplaced(Repository.Read(file))));

    [Fact]
    public void Nothing_is_qualified_by_this_but_what_a_parameter_hides() => Assert.All(Repository.Files("*.cs"), static file => Assert.Null(Needless(Repository.Read(file))));

    [Theory]
    [InlineData("using System;\nusing System.Text;\nusing Federation.Domain;\nusing static System.Math;\nusing A = B.C;\n", null)]
    [InlineData("using Federation.Domain;\nusing System.Text;\n", "using System.Text;")]
    [InlineData("using System.Text;\nusing System.Linq;\n", "using System.Linq;")]
    [InlineData("using A = B.C;\nusing System.Text;\n", "using System.Text;")]
    [InlineData("using static System.Math;\nusing Federation.Edge;\n", "using Federation.Edge;")]
    public void The_order_of_usings_is_told(string text, string? misplaced) => Assert.Equal(misplaced, Misplaced(text));

    [Theory]
    [InlineData("        this.time = time;", false)]
    [InlineData("    Topology(string name, TimeProvider time) => (Name, this.time) = (name, time);", false)]
    [InlineData("        this.backoff = backoff ?? new Backoff();", false)]
    [InlineData("    /// <summary>Nobody needs this.</summary>", false)]
    [InlineData("        return this.count;", true)]
    [InlineData("        this.count = other.count;", true)]
    public void A_needless_qualification_is_told(string text, bool isNeedless) => Assert.Equal(isNeedless, Needless(text) is not null);

    /// <summary>Namespaces, then static types, then other names; <c>System</c> before the others. What belongs where another directive is.</summary>
    static string? Misplaced(string text)
    {
        var there = Usings().Matches(text).Select(static found => found.Value).ToList();
        var ordered = there.OrderBy(static line => line.Contains(" = ", StringComparison.Ordinal) ? 2 : line.Contains(" static ", StringComparison.Ordinal) ? 1 : 0)
            .ThenBy(static line => !OfSystem().IsMatch(line)).ThenBy(static line => line.TrimEnd(';'), StringComparer.OrdinalIgnoreCase);
        return there.Zip(ordered).FirstOrDefault(static pair => pair.First != pair.Second).Second;
    }

    /// <summary>The first line where a member is qualified although nothing on the line has its bare name.</summary>
    static string? Needless(string text) => text.Split('\n')
        .Where(static line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
        .Select(static line => Quoted().Replace(line, "")).FirstOrDefault(static line => Qualified().Matches(line).Any(found => !Regex.IsMatch(line, $@"(?<![\w.]){found.Groups[1].Value}\b")));

    [GeneratedRegex("^(?:global )?using [^(\n]+;", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"using (?:static )?(?:\w+ = )?System\b")]
    private static partial Regex OfSystem();

    [GeneratedRegex("""
        "(?:\\.|[^"\\])*"
        """)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\bthis\.(\w+)")]
    private static partial Regex Qualified();
}
