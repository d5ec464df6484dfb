using System.Text;
using Federation.Domain.Conditions;
using Federation.Tests.House;

namespace Federation.Tests.Docs;

/// <summary>The reference of conditions says what the vocabulary says. With FEDERATION_WRITE_DOCS set it is written anew.</summary>
[Trait("Category", "Status")]
public sealed class ConditionReferenceTests
{
    const string Document = "docs/reference/conditions.md";

    [Fact]
    public void The_reference_is_the_vocabulary()
    {
        var wanted = Written();
        if (Environment.GetEnvironmentVariable("FEDERATION_WRITE_DOCS") is not null) File.WriteAllText(Path.Combine(Repository.Root, Document), wanted);

        Assert.Equal(wanted, Repository.Read(Document));
    }

    [Fact]
    public void Every_word_says_what_it_means()
    {
        Assert.Equal(8, Vocabulary.Types.Count);
        Assert.All(Vocabulary.Reasons, static reason =>
        {
            Assert.Matches("^[A-Z].*[.]$", reason.About.Meaning);
            Assert.Matches("^[A-Z].*[.]$", reason.About.Cure);
            Assert.True(reason.About.Example.Length > 5 && !reason.About.Example.Contains('|'), reason.Name);
        });
        Assert.All(Vocabulary.Types, static type => Assert.Matches("^[A-Z].*[.]$", type.About.Meaning));
    }

    [Fact]
    public void A_child_that_is_ready_is_never_all_ready() => Assert.NotEqual(Reasons.AllReady, Reasons.Ready);

    static string Written()
    {
        var text = new StringBuilder();
        text.Append("""
            # Conditions

            Every condition type and reason there is. Programs may match on types and reasons: they never change their meaning. Messages are
            for people, and may. How to read them, and what to do: [status conditions](../troubleshooting/status-conditions.md).

            ## Types

            | type | on | says |
            |---|---|---|

            """);
        foreach (var (name, about) in Vocabulary.Types) text.Append($"| `{name}` | {about.On} | {about.Meaning} |\n");
        text.Append("""

            ## Reasons

            | reason | with | means | message, for example | what to do |
            |---|---|---|---|---|

            """);
        foreach (var (name, about) in Vocabulary.Reasons) text.Append($"| `{name}` | {about.Where} | {about.Meaning} | {about.Example} | {about.Cure} |\n");
        return text.ToString();
    }
}
