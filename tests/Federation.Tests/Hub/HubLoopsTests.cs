using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Leases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Hub;

/// <summary>How the hub ends when its storage fails.</summary>
public sealed class HubLoopsTests
{
    /// <summary>Seed 359 of the simulation: whoever waits for the write hears of it first.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task It_ends_with_what_the_storage_threw_whichever_commit_fails(int failing)
    {
        var commits = 0;
        var storage = new MemoryStorage { Committing = () => { if (++commits == failing) throw new IOException("the disk is gone"); } };
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders());
        services.AddHub(new HubOptions { Data = "", ApiUrl = new("http://127.0.0.1:0"), GrpcUrl = new("http://127.0.0.1:0") }, storage, TimeProvider.System);
        await using var provider = services.BuildServiceProvider();

        var store = provider.GetRequiredService<ObjectStore>();
        var written = Task.CompletedTask;
        void Write() => written = store.WriteAsync("test", static transaction => transaction.Put(new IPPool { Metadata = new() { Name = "prod", Uid = "pool" }, Spec = new() { Cidr = Cidr.Parse("10.0.0.0/16") } }), Limits.Cancel);

        var ended = await Assert.ThrowsAsync<IOException>(() => provider.GetRequiredService<HubLoops>().RunAsync(Write, Limits.Cancel).Within());

        if (failing > 1) Assert.Equal(503, (await Assert.ThrowsAsync<ApiException>(() => written.Within())).Status.Code);

        Assert.Equal("the disk is gone", ended.Message);
    }
}
