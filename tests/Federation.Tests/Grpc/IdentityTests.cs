using System.Security.Cryptography.X509Certificates;
using Federation.Rpc;

namespace Federation.Tests.Grpc;

public sealed class IdentityTests
{
    [Fact]
    public async Task On_a_plain_link_an_edge_says_its_name()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        Assert.Equal("munich", await WhoAsync(channel));
    }

    [Fact]
    public async Task Who_says_nothing_is_nobody()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = HubChannel.Open(new HubChannelOptions { Address = host.Address }, TimeProvider.System);

        Assert.Equal("nobody", await WhoAsync(channel));
    }

    [Fact]
    public async Task A_certificate_outweighs_what_an_edge_says()
    {
        var files = Directory.CreateTempSubdirectory("federation-tls-");
        using var authority = TestCertificates.Authority("authority");
        using var client = TestCertificates.Issue("vienna", authority);
        await using var host = await ProbeHost.StartAsync(TestCertificates.Issue("localhost", authority), clientRoot: authority);
        var options = new HubChannelOptions
        {
            Address = host.Address,
            EdgeName = "munich",
            AuthorityPath = Write(files, "ca.crt", authority.ExportCertificatePem()),
            CertificatePath = Write(files, "tls.crt", client.ExportCertificatePem()),
            KeyPath = Write(files, "tls.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };

        using (var channel = HubChannel.Open(options, TimeProvider.System)) Assert.Equal("vienna", await WhoAsync(channel));
        files.Delete(recursive: true);
    }

    static async Task<string> WhoAsync(HubChannel channel) =>
        (await new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Then = Behaviour.Identify }).ResponseAsync.Within()).Text;

    static string Write(DirectoryInfo folder, string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
