using Federation.Hub;
using Federation.Resources;
using Federation.Tests.House;
using Federation.Tests.Hub;
using Federation.Tests.Postgres;

namespace Federation.Tests.Docs;

/// <summary>The commands of the page on several hubs, on a real PostgreSQL server.</summary>
[Collection(DatabaseTests.Name)]
public sealed class SeveralHubsTests(Databases databases) : IDisposable
{
    const string Document = "docs/operations/several-hubs.md";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-several-");

    public void Dispose() => folder.Delete(recursive: true);

    [PostgresFact]
    public async Task The_role_and_the_database_of_the_page_are_enough_and_its_commands_serve_show_the_leader_and_restore()
    {
        var server = Database.Of(databases.Server, "postgres");
        foreach (var made in Lines("CREATE ")) await server.ExecuteAsync(made);
        var file = Path.Combine(folder.FullName, "connection");
        await File.WriteAllTextAsync(file, server.Connection.Replace("Database=postgres;Username=postgres", "Database=federation;Username=federation", StringComparison.Ordinal));
        Assert.Equal(["serve", "--database-file"], Words("federation-hub serve")[..2]);
        Assert.Equal(["restore", "--database-file"], Words("federation-hub restore")[..2]);

        using (var hub = new HubProcess(Words("federation-hub serve")[1], file))
        {
            await hub.StartAsync();
            Assert.NotEqual(default, await server.AskAsync<DateTime>(Lines("SELECT client_addr")[0].Replace("client_addr, ", "", StringComparison.Ordinal)));
            Assert.Contains("another hub leads", (await HubProcess.EndsAsync("restore", "--database-file", file)).Said, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await HubProcess.EndsAsync("restore", "--database-file", file)).Code);
        using var restored = new HubProcess("--database-file", file);
        Assert.NotNull((await (await restored.StartAsync()).GetAsync<FederationObject>(null, FederationObject.SingletonName, Limits.Cancel))!.Status!.Recovery);
    }

    [Fact]
    public void The_connection_string_of_the_page_will_do_and_what_it_names_is_there()
    {
        Assert.Null(PostgresTarget.Read(Lines("Host=")[0]).Error);
        Assert.All<string>(["database-file", "database-failover-lossless"], static option => Assert.True(HubOptions.All.Any(spec => spec.Name == option) && Repository.Read(Document).Contains($"--{option}", StringComparison.Ordinal)));
        Assert.Contains("secretName: federation-hub-database", Repository.Read("deploy/hub/overlays/postgresql/kustomization.yaml").Replace("{secretName", "secretName", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    static string[] Words(string command) => Lines(command)[0].Split(' ')[1..];

    static List<string> Lines(string program) => [.. Repository.Read(Document).Split('\n')
        .Where(static line => line.StartsWith("    ", StringComparison.Ordinal)).Select(static line => line.Trim()).Where(line => line.StartsWith(program, StringComparison.Ordinal))];
}
