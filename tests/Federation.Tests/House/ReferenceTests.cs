using System.Xml.Linq;

namespace Federation.Tests.House;

/// <summary>Dependencies point one way; the project files say so, and are read here.</summary>
public sealed class ReferenceTests
{
    const string Domain = "shared/Domain";

    [Fact]
    public void Every_reference_of_the_projects_points_the_right_way()
    {
        var references = Repository.Files("*.csproj").SelectMany(References).ToList();

        var wrong = references.Where(static reference => !IsAllowed(reference.From, reference.To)).Select(static reference => $"{reference.From} -> {reference.To}");

        Assert.NotEmpty(references);
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_domain_references_neither_projects_nor_packages()
    {
        var project = XDocument.Parse(Repository.Read($"{Domain}/Federation.Domain.csproj"));

        Assert.Empty(project.Descendants("ProjectReference"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("FrameworkReference"));
        Assert.Empty(project.Descendants("Reference"));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Federation.sln").Replace('\\', '/');

        Assert.All(Repository.Files("*.csproj"), project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("shared/Domain", "shared/Resources", false)]
    [InlineData("shared/Resources", "shared/Domain", true)]
    [InlineData("shared/ApiServer", "hub", false)]
    [InlineData("shared/Rpc", "proto", true)]
    [InlineData("hub", "edge", false)]
    [InlineData("edge", "hub", false)]
    [InlineData("hub", "shared/ApiServer", true)]
    [InlineData("proto", "shared/Resources", false)]
    [InlineData("proto", "shared/Grpc.Core.Api", true)]
    [InlineData("hub", "tests/Federation.Tests", false)]
    [InlineData("edge", "e2e", false)]
    [InlineData("tests/Federation.Tests", "e2e", true)]
    [InlineData("e2e", "hub", true)]
    [InlineData("e2e", "tests/Federation.Tests", false)]
    public void The_rule_tells_right_from_wrong(string from, string to, bool isAllowed) => Assert.Equal(isAllowed, IsAllowed(from, to));

    /// <summary>Folders of projects, as <c>hub</c> and <c>shared/Rpc</c>.</summary>
    static bool IsAllowed(string from, string to) => (Part(from), Part(to)) switch
    {
        _ when from == Domain => false,
        ("tests", _) => true,
        (_, "tests" or "e2e") => false,
        ("e2e", _) => true,
        ("proto", _) => to is "shared/Grpc.Core.Api",
        ("shared", "shared" or "proto") => true,
        ("hub" or "edge", "shared" or "proto") => true,
        _ => false,
    };

    static string Part(string folder) => folder.Split('/')[0];

    static IEnumerable<(string From, string To)> References(string project)
    {
        var folder = Path.GetDirectoryName(project)!;
        return XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
            .Select(static reference => reference.Attribute("Include")!.Value.Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, folder, path))))
            .Select(path => (folder.Replace('\\', '/'), Path.GetDirectoryName(path)!.Replace('\\', '/')));
    }
}
