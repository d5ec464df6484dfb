using System.Text.Json.Nodes;
using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Hub;

namespace Federation.Tests.Leases;

/// <summary>A hub that is backed up, goes on, and is restored from that backup: its folder outlives it.</summary>
sealed class RestoreScene : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-restore-");

    TestHub? hub;

    public TestHub Hub => hub ?? throw new InvalidOperationException("the hub is not running");

    public string Data => Path.Combine(folder.FullName, "data");

    public string Backup => Path.Combine(folder.FullName, "backup.db");

    public static async Task<RestoreScene> StartAsync()
    {
        var scene = new RestoreScene();
        await scene.StartHubAsync();
        return scene;
    }

    /// <summary>Of the hubs that are started from here on.</summary>
    public LeaseTerms Terms { get; set; } = new() { ReuseDelay = TimeSpan.Zero };

    public async Task StartHubAsync() => hub = await TestHub.StartAsync(data: Directory.CreateDirectory(Data), but: options => options with { Terms = Terms });

    public async Task StopHubAsync()
    {
        await Hub.DisposeAsync();
        hub = null;
    }

    public Task BackUpAsync() => RunAsync("backup", "--data", Data, "--to", Backup);

    /// <summary>Stops the hub, puts the backup in its place, and starts it again.</summary>
    public async Task RestoreAsync(bool isComplete)
    {
        await StopHubAsync();
        await RunAsync("restore", "--data", Data, "--from", Backup, "--complete", isComplete ? "true" : "false");
        await StartHubAsync();
    }

    public static async Task<string> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Assert.Equal((0, ""), (await StoreCommands.TryRunAsync(arguments, TimeProvider.System, output, errors), errors.ToString()));
        return output.ToString();
    }

    /// <summary>The store epoch of the restore that is not over yet; null when none is.</summary>
    public string? Epoch => Hub.Store.Current.Find<FederationObject>(null, FederationObject.SingletonName)?.Status?.Recovery?.StoreEpoch;

    public Task<Answer> AcceptAsync(string kind, string name, string? epoch = null) => Hub.SendAsync(
        "PATCH", $"/apis/ipam.federation.io/v1alpha1/{kind}/{name}", new JsonObject { ["spec"] = new JsonObject { ["acceptedStoreEpoch"] = epoch ?? Epoch } }, "application/merge-patch+json");

    public async Task UntilAsync(Func<Snapshot, bool> isSo)
    {
        var cancel = Limits.Cancel;
        for (var revision = Hub.Store.Changes.Last; !isSo(Hub.Store.Current); revision = Hub.Store.Changes.Last) await Hub.Store.Changes.WaitAsync(revision, cancel);
    }

    public IPLease? Lease(string id) => Hub.Store.Current.Find<IPLease>(null, id);

    public async ValueTask DisposeAsync()
    {
        if (hub is not null) await hub.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
