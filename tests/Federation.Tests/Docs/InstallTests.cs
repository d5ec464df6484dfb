using System.Text.RegularExpressions;
using Federation.E2E;
using Federation.Edge;
using Federation.Hub;
using Federation.Tests.House;
using Federation.Tests.Hub;
using Federation.Tests.Kubernetes;

namespace Federation.Tests.Docs;

/// <summary>The commands of the installation guide, in its order, on a real API server and a hub behind TLS.</summary>
public sealed partial class InstallTests(KubeApiserver server) : IClassFixture<KubeApiserver>, IDisposable
{
    /// <summary>What only a cluster with nodes can end well.</summary>
    const string NeedsNodes = "rollout status";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-install-");

    [KubeFact]
    public async Task Every_command_of_the_guide_works()
    {
        var kubectl = await server.KubectlAsync();
        await Manifests.DefineForeignAsync(kubectl);
        await using var hub = await TlsHub.StartAsync();
        using var admin = hub.Client("CN=admin, O=federation:admins");

        var commands = Commands().ToList();
        Assert.True(commands.Count >= 10, $"the guide has {commands.Count} commands");
        foreach (var command in commands.Where(static command => !command.Contains(NeedsNodes, StringComparison.Ordinal))) await RunAsync(command, kubectl, hub);
    }

    /// <summary>What the manifests start the processes with, these know; and the images run what the manifests expect.</summary>
    [Fact]
    public void The_manifests_give_options_that_there_are()
    {
        foreach (var (part, known) in new[] { ("edge", EdgeOptions.All.Select(static option => option.Name)), ("hub", HubOptions.All.Select(static option => option.Name)) })
        {
            var given = Repository.Files("*.yaml").Where(file => file.StartsWith($"deploy/{part}/", StringComparison.Ordinal)).SelectMany(static file => Options().Matches(Repository.Read(file)).Select(static option => option.Groups[1].Value)).Distinct().ToList();

            Assert.NotEmpty(given);
            Assert.Empty(given.Except(known));
            var image = Repository.Read($"deploy/images/{part}.Containerfile");
            Assert.Contains($"\"federation-{part}.dll\"", image, StringComparison.Ordinal);
            Assert.Matches(@"(?m)^FROM \S+ AS build$(.|\n)*^FROM \S+-chiseled$(.|\n)*^USER [1-9][0-9]*$", image);
        }
    }

    async Task RunAsync(string command, Kubectl kubectl, TlsHub hub)
    {
        var text = command.Replace("deploy/", $"{Repository.Root}/deploy/", StringComparison.Ordinal).Replace("my-overlay", $"{Repository.Root}/deploy/edge/overlays/production", StringComparison.Ordinal)
            .Replace("jsonpath='", "'jsonpath=", StringComparison.Ordinal).Replace("=ca.crt", $"={Path.Combine(folder.FullName, "ca.crt")}", StringComparison.Ordinal);
        switch (Parts().Match(text).Groups)
        {
            case [_, _, { Success: true, Value: "apply" }, { Value: var overlay }, ..]:
                await kubectl.RunAsync("apply --validate=false -f -", await Manifests.BuiltAsync(kubectl, overlay));
                break;
            case [_, _, { Success: true }, { Value: var overlay }, ..]:
                await kubectl.RunAsync("delete --wait=false -f -", await Manifests.BuiltAsync(kubectl, overlay));
                break;
            case [_, { Success: true, Value: var rest }, ..] when rest.Contains("https://hub.example.com", StringComparison.Ordinal):
                await kubectl.RunAsync($"--kubeconfig=/dev/null {rest.Replace("https://hub.example.com", hub.Url.ToString(), StringComparison.Ordinal)
                    .Replace("--certificate-authority ca.crt", $"--certificate-authority {hub.Keys.Path("ca.crt")}", StringComparison.Ordinal)
                    .Replace("admin.crt", hub.Keys.Path("caller.crt"), StringComparison.Ordinal).Replace("admin.key", hub.Keys.Path("caller.key"), StringComparison.Ordinal)}");
                break;
            case [_, { Success: true, Value: var rest }, ..]:
                var said = await kubectl.RunAsync(rest.Split(" > ")[0]);
                if (rest.Split(" > ") is [_, var file]) await File.WriteAllTextAsync(Path.Combine(folder.FullName, file), said);
                break;
            default:
                Assert.Fail($"nobody knows how to run: {command}");
                break;
        }
    }

    /// <summary>Lines that are commands, and commands within sentences.</summary>
    static IEnumerable<string> Commands() => InText().Matches(Repository.Read("docs/install.md")).Select(static found => (found.Groups[1].Success ? found.Groups[1] : found.Groups[2]).Value);

    public void Dispose() => folder.Delete(recursive: true);

    [GeneratedRegex(@"^ {4,}(kubectl .*)$|`(kubectl [^`]+)`", RegexOptions.Multiline)]
    private static partial Regex InText();

    [GeneratedRegex("^kubectl ((?:(apply|delete) -k (.+)|.+))$")]
    private static partial Regex Parts();

    [GeneratedRegex("--([a-z][a-z-]*[a-z])(?==)")]
    private static partial Regex Options();
}
