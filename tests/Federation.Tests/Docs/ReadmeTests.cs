using System.Text.RegularExpressions;
using Federation.Tests.House;

namespace Federation.Tests.Docs;

/// <summary>What the documents tell people to do and to read.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string> Documents => [.. Repository.Files("*.md")];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(document)!;
        var targets = Links().Matches(Repository.Read(document)).Select(static link => link.Groups[1].Value)
            .Where(static target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('#'));

        Assert.All(targets, target => Assert.True(Repository.Has(Path.Combine(folder, target.Split('#')[0])), $"{document} links to {target}"));
    }

    [Fact]
    public void CI_runs_the_commands_of_the_readme()
    {
        var run = Repository.Read(".ci/run") + Repository.Read("tests/run.sh");

        var commands = Commands().Where(static command => command.StartsWith("./", StringComparison.Ordinal)).ToList();

        Assert.Equal(["./deploy/quickstart.sh", "./tests/run.sh"], commands);
        Assert.All(commands, command => Assert.Contains(command, run, StringComparison.Ordinal));
        Assert.All(commands, command => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(Repository.Root, command)).HasFlag(UnixFileMode.UserExecute), $"{command} cannot be executed"));
    }

    /// <summary>CI runs these too, among all others.</summary>
    [Fact]
    public void The_readme_leaves_out_of_the_quick_tests_those_of_whole_processes()
    {
        var command = Assert.Single(Commands(), static command => command.StartsWith("dotnet test ", StringComparison.Ordinal)).Split(' ');

        Assert.True(Repository.Has(command[2]), $"there is no {command[2]}");
        Assert.Equal(["--filter", IWhole.Filter], command[3..]);
        Assert.Equal(IWhole.Filter, string.Join("", new WholeDiscoverer().GetTraits(null!).Select(static trait => $"{trait.Key}!={trait.Value}")));
    }

    /// <summary>The quick start, which CI runs, starts both processes; the readme starts them with the same options.</summary>
    [Fact]
    public void The_readme_starts_hub_and_edge_with_the_options_of_the_quick_start()
    {
        var quickstart = Repository.Read("deploy/quickstart.sh");

        var starts = Commands().Where(static command => command.StartsWith("dotnet run ", StringComparison.Ordinal)).ToList();

        Assert.Equal(2, starts.Count);
        foreach (var start in starts)
        {
            var project = Project().Match(start).Groups[1].Value;
            Assert.True(Repository.Has(project), $"{start}: there is no {project}");
            var line = quickstart.Split('\n').Single(line => line.TrimStart().StartsWith("start ", StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2] == project);
            Assert.Equal(Options().Matches(line).Select(static option => option.Value).Order(), Options().Matches(start.Split(" -- ")[1]).Select(static option => option.Value).Order());
        }
    }

    [Fact]
    public void The_kinds_of_the_samples_exist()
    {
        var kinds = Repository.Files("*.yaml").Where(static file => file.StartsWith("deploy/samples/", StringComparison.Ordinal))
            .SelectMany(static file => Kinds().Matches(Repository.Read(file)).Select(static kind => kind.Groups[1].Value)).Distinct().ToList();

        Assert.Equal(["IPClaim", "IPPool", "IPPoolClaim"], kinds.Order());
        Assert.All(kinds, static kind => Assert.Contains(Federation.Resources.KindInfo.All, known => known.Name == kind));
    }

    /// <summary>The readme's indented lines.</summary>
    static List<string> Commands() => [.. Repository.Read("README.md").Split('\n')
        .Where(static line => line.StartsWith("    ", StringComparison.Ordinal)).Select(static line => line.Trim())];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex("--project ([a-z0-9]+)")]
    private static partial Regex Project();

    [GeneratedRegex("--[a-z-]+[a-z]")]
    private static partial Regex Options();

    [GeneratedRegex(@"^kind: (\w+)", RegexOptions.Multiline)]
    private static partial Regex Kinds();
}
