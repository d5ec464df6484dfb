using Federation.Tests.House;

namespace Federation.Tests.Hub;

/// <summary>What a hub refuses to start with: one clear line, and its exit code.</summary>
[Whole]
public sealed class StartTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-start-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("--api-url", "http://0.0.0.0:0", "listens beyond loopback without TLS")]
    [InlineData("--grpc-url", "http://[::]:0", "listens beyond loopback without TLS")]
    [InlineData("--api-url", "http://hub.example:8080", "listens beyond loopback without TLS")]
    [InlineData("--api-url", "https://127.0.0.1:0", "needs --tls-cert, --tls-key and --client-ca")]
    [InlineData("--api-url", "ftp://127.0.0.1", "is no URL to listen on")]
    [InlineData("--api-url", "nonsense", "is no URL to listen on")]
    [InlineData("--data", "", "--data is missing, or --database-file")]
    [InlineData("--database-file", "/nowhere", "--data and --database-file are both given")]
    [InlineData("--database-failover-lossless", "perhaps", "--database-failover-lossless: 'perhaps' is neither true nor false")]
    [InlineData("--lease-term-seconds", "0", "--lease-term-seconds: '0' is not a number of seconds")]
    [InlineData("--lease-term-seconds", "week", "--lease-term-seconds: 'week' is not a number of seconds")]
    [InlineData("--ops-url", "https://0.0.0.0:9100", "--ops-url: 'https://0.0.0.0:9100' is no URL to listen on")]
    [InlineData("--ops-url", "http://0.0.0.0:0", "--ops-url: needs a port")]
    [InlineData("--log-format", "xml", "--log-format: 'xml' is not known; use text or json")]
    [InlineData("--nonsense", "1", "unknown argument '--nonsense'")]
    public async Task A_hub_refuses_a_bad_option_in_words(string option, string value, string said)
    {
        Dictionary<string, string> options = new() { ["--data"] = folder.FullName, ["--api-url"] = "http://127.0.0.1:0", ["--grpc-url"] = "http://127.0.0.1:0", [option] = value };

        var (code, error) = await HubProcess.EndsAsync(["serve", .. options.SelectMany(static pair => new[] { pair.Key, pair.Value })]);

        Assert.Equal(2, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Empty(folder.GetFiles());
    }

    [Theory]
    [InlineData("Host=db.example;Database=ipam;Password=secret;SSL Mode=Disable", 2, "plain text beyond loopback")]
    [InlineData("postgres://ipam:secret@db.example/ipam", 2, "is no connection string")]
    [InlineData(null, 2, "cannot be read")]
    public async Task A_database_that_will_not_do_is_refused_without_its_secret(string? connection, int wanted, string said)
    {
        var file = Path.Combine(folder.FullName, "connection");
        if (connection is not null) await File.WriteAllTextAsync(file, connection);

        var (code, error) = await HubProcess.EndsAsync("serve", "--database-file", file, "--api-url", "http://127.0.0.1:0", "--grpc-url", "http://127.0.0.1:0");

        Assert.Equal(wanted, code);
        Assert.Contains("--database-file: ", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_is_one_hubs_alone()
    {
        using var first = new HubProcess(folder.FullName);
        await first.StartAsync();

        var (code, error) = await HubProcess.EndsAsync("serve", "--data", folder.FullName, "--api-url", "http://127.0.0.1:0", "--grpc-url", "http://127.0.0.1:0");

        Assert.Equal(3, code);
        Assert.Contains(folder.FullName, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_refused()
    {
        var (code, error) = await HubProcess.EndsAsync("serve", "--data", "/proc/nowhere", "--api-url", "http://127.0.0.1:0", "--grpc-url", "http://127.0.0.1:0");

        Assert.Equal(3, code);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_port_in_use_is_refused()
    {
        using var first = new HubProcess(folder.FullName);
        await first.StartAsync();
        var other = folder.CreateSubdirectory("other");

        var (code, error) = await HubProcess.EndsAsync("serve", "--data", other.FullName, "--api-url", first.Address.ToString(), "--grpc-url", "http://127.0.0.1:0");

        Assert.Equal(4, code);
        Assert.Contains("address already in use", error, StringComparison.OrdinalIgnoreCase);
    }
}
