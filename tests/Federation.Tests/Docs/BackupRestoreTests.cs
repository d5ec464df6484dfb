using System.Text.RegularExpressions;
using Federation.Domain.Addressing;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Tests.House;
using Federation.Tests.Hub;

namespace Federation.Tests.Docs;

/// <summary>The commands of the page on backup and restore, in its order, on real processes.</summary>
[Whole]
public sealed partial class BackupRestoreTests : IDisposable
{
    const string Document = "docs/operations/backup-restore.md";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-backup-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_commands_of_the_page_back_a_hub_up_and_bring_it_back()
    {
        var commands = Commands("federation-hub ");
        Assert.Equal(["backup", "restore", "serve"], commands.Select(static command => command[0]));
        using var hub = new HubProcess(Path.Combine(folder.FullName, "data"));
        var api = await hub.StartAsync();
        await api.CreateAsync(new IPPool { Metadata = new() { Name = "kept" }, Spec = new() { Cidr = Cidr.Parse("10.0.0.0/24") } });

        await SucceedsAsync(commands[0]);
        Assert.Contains("exists", (await HubProcess.EndsAsync(commands[0])).Said, StringComparison.Ordinal);
        await api.CreateAsync(new IPPool { Metadata = new() { Name = "forgotten" }, Spec = new() { Cidr = Cidr.Parse("10.0.1.0/24") } });
        Assert.Contains("in use by another process", (await HubProcess.EndsAsync(commands[1])).Said, StringComparison.Ordinal);
        hub.Kill();
        await SucceedsAsync(commands[1]);
        api = await hub.StartAsync();

        Assert.NotNull(await api.GetAsync<IPPool>(null, "kept", Limits.Cancel));
        Assert.Null(await api.GetAsync<IPPool>(null, "forgotten", Limits.Cancel));
        Assert.Single(Directory.GetDirectories(Path.Combine(folder.FullName, "data"), "replaced-*"));
        await AcceptAsync(api);
    }

    [Fact]
    public void The_page_starts_the_hub_as_the_readme_does()
    {
        var serve = Commands("federation-hub serve")[0].Where(static word => word.StartsWith("--", StringComparison.Ordinal));

        Assert.All(serve, static option => Assert.Contains(option, Repository.Read("README.md"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("backup --data DIR", "--to is missing")]
    [InlineData("backup --data nowhere --to FILE", "there is no store in nowhere")]
    [InlineData("restore --from FILE", "--data is missing")]
    [InlineData("restore --data DIR", "say --from FILE")]
    [InlineData("restore --database-file TEXT", "is no connection string")]
    [InlineData("restore --database-file TEXT --from FILE", "unknown argument '--from'")]
    [InlineData("restore --data DIR --from nowhere", "there is no backup nowhere")]
    [InlineData("restore --data DIR --from TEXT", "is no backup of a store")]
    [InlineData("restore --data DIR --complete maybe", "neither true nor false")]
    [InlineData("restore --data DIR --force true", "unknown argument '--force'")]
    [InlineData("restore --data", "needs a value")]
    public async Task A_command_that_cannot_be_carried_out_says_why_and_changes_nothing(string command, string said)
    {
        var text = Path.Combine(folder.FullName, "text");
        await File.WriteAllTextAsync(text, "not a store");
        var data = folder.CreateSubdirectory("data");

        var (code, error) = await HubProcess.EndsAsync([.. command.Split(' ').Select(word => word switch
        {
            "DIR" => data.FullName,
            "FILE" => Path.Combine(folder.FullName, "backup.db"),
            "TEXT" => text,
            _ => word,
        })]);

        Assert.NotEqual(0, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Empty(data.GetFiles());
    }

    /// <summary>As the page says with kubectl: reads the epoch and vouches for it.</summary>
    async Task AcceptAsync(IKubernetesApi api)
    {
        var patch = Commands("kubectl patch")[0];
        var epoch = (await api.GetAsync<FederationObject>(null, FederationObject.SingletonName, Limits.Cancel))!.Status!.Recovery!.StoreEpoch!;
        var body = System.Text.Json.Nodes.JsonNode.Parse(patch[^1].Trim('\'').Replace("EPOCH", epoch, StringComparison.Ordinal))!.AsObject();

        var accepted = await api.MergePatchAsync<FederationObject>(null, patch[2], body);

        Assert.Equal(epoch, accepted.Spec.AcceptedStoreEpoch);
    }

    static async Task SucceedsAsync(string[] command)
    {
        var (code, said) = await HubProcess.EndsAsync(command);
        Assert.True(code == 0, said);
    }

    /// <summary>The page's indented lines of one program without its name, in folders of this test.</summary>
    string[][] Commands(string program) => [.. Lines(program).Select(line => Words().Split(line.Replace("/var/lib/federation", Path.Combine(folder.FullName, "data"), StringComparison.Ordinal)
        .Replace("/backup/", $"{folder.FullName}/", StringComparison.Ordinal)[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]))];

    static IEnumerable<string> Lines(string program) => Repository.Read(Document).Split('\n')
        .Where(static line => line.StartsWith("    ", StringComparison.Ordinal)).Select(static line => line.Trim()).Where(line => line.StartsWith(program, StringComparison.Ordinal));

    [GeneratedRegex(" (?![^']*'$)")]
    private static partial Regex Words();
}
