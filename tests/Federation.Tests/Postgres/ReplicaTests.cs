using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Federation.Domain.Addressing;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Tests.Hub;

namespace Federation.Tests.Postgres;

/// <summary>Two hubs as processes on one database. The one that leads is killed, or hangs: nothing acknowledged is lost, and nothing is given out twice.</summary>
[Collection(DatabaseTests.Name)]
public sealed class ReplicaTests(Databases databases) : IAsyncLifetime
{
    const int Workers = 8;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-replicas-");
    readonly List<HubProcess> hubs = [];
    Database database = null!;

    public async Task InitializeAsync()
    {
        if (E2E.PostgresBinaries.Folder is null) return;
        database = await databases.CreateAsync();
        var file = Path.Combine(folder.FullName, "connection");
        await File.WriteAllTextAsync(file, database.Connection);
        hubs.AddRange([new("--database-file", file), new("--database-file", file)]);
        await hubs[0].BeginAsync("/readyz");
        await hubs[1].BeginAsync("/livez");
    }

    public Task DisposeAsync()
    {
        foreach (var hub in hubs) hub.Dispose();
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>V-A5: a thousand concurrent claims across eight workers and two hub replicas, the leading one killed in the midst.</summary>
    [PostgresFact]
    public async Task A_thousand_claims_of_eight_workers_at_two_hubs_of_which_the_leader_is_killed_get_a_thousand_addresses()
    {
        const int Claims = 1000;
        await hubs[0].Api.CreateAsync(new IPPool { Metadata = new() { Name = "load" }, Spec = new() { Cidr = Cidr.Parse("10.0.0.0/22") } });
        var acknowledged = new ConcurrentDictionary<string, IPClaim>(StringComparer.Ordinal);

        var working = Enumerable.Range(0, Workers).Select(worker => ClaimAsync(worker, Claims / Workers, acknowledged)).ToList();
        await Limits.UntilAsync(() => acknowledged.Count >= Claims / 3);
        hubs[0].Kill();
        await Task.WhenAll(working).Within();

        Assert.Equal(Claims, acknowledged.Count);
        var stored = (await hubs[1].Api.ListAsync<IPClaim>(new() { Namespace = "load" }, CancellationToken.None)).Items.ToDictionary(static claim => claim.Name, StringComparer.Ordinal);
        Assert.All(acknowledged, said => Assert.Equal(Text(said.Value), Text(stored[said.Key])));
        Assert.Equal(Claims, stored.Values.Select(static claim => claim.Status!.AllocatedCIDR!.Value).Distinct().Count());
        Assert.All(stored.Values, static claim => Assert.Equal(32, claim.Status!.AllocatedCIDR!.Value.Length));
        Assert.Equal(Claims, (await hubs[1].Api.ListAsync<IPAllocation>(new(), CancellationToken.None)).Items.Count);
        await PoolCountsAsync(hubs[1].Api, Claims);
    }

    [PostgresFact]
    public async Task A_leader_that_hangs_and_wakes_after_its_session_was_ended_commits_nothing_and_ends()
    {
        await hubs[0].Api.CreateAsync(new IPPool { Metadata = new() { Name = "load" }, Spec = new() { Cidr = Cidr.Parse("10.0.0.0/24") } });
        await SignalAsync("STOP", hubs[0]);
        var late = hubs[0].Api.CreateAsync(Claim("late"));
        await database.EndLeaderAsync();
        await hubs[1].UntilAsync("/readyz");
        var first = await hubs[1].Api.CreateAsync(Claim("first"));

        await SignalAsync("CONT", hubs[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => late.Within());
        await hubs[0].EndedAsync();

        Assert.Equal("10.0.0.0/32", first.Status!.AllocatedCIDR.ToString());
        Assert.Equal(["first"], (await hubs[1].Api.ListAsync<IPClaim>(new(), CancellationToken.None)).Items.Select(static claim => claim.Name));
        Assert.Equal(1, await database.AskAsync<long>($"SELECT count(*) FROM federation.objects WHERE kind = '{KindInfo.Of<IPClaim>()}'"));
    }

    /// <summary>At either hub, whichever answers; what has no answer is asked again under the same name.</summary>
    async Task ClaimAsync(int worker, int count, ConcurrentDictionary<string, IPClaim> acknowledged)
    {
        var turn = worker;
        for (var number = 0; number < count;)
        {
            var api = hubs[turn++ % hubs.Count].Api;
            var claim = Claim($"w{worker}-{number}");
            try
            {
                acknowledged[claim.Name] = await api.CreateAsync(claim, cancel: Limits.Cancel);
                number++;
                turn--; // a hub that serves is kept
            }
            catch (KubernetesApiException e) when (e.Code is 409)
            {
                acknowledged[claim.Name] = (await api.GetAsync<IPClaim>("load", claim.Name, Limits.Cancel))!;
                number++;
            }
            catch (Exception e) when (e is HttpRequestException or KubernetesApiException { Code: 503 })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    static IPClaim Claim(string name) => new() { Metadata = new() { Name = name, Namespace = "load" }, Spec = new() { PoolRef = new() { Name = "load" }, PrefixLength = 32 } };

    static string Text(IPClaim claim) => Encoding.UTF8.GetString(ResourceJson.Write(claim));

    /// <summary>A pool's report follows its changes by a beat.</summary>
    static async Task PoolCountsAsync(IKubernetesApi api, int used)
    {
        var cancel = Limits.Cancel;
        while ((await api.GetAsync<IPPool>(null, "load", cancel))!.Status!.Capacity!.Allocated != used.ToString(CultureInfo.InvariantCulture)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
    }

    static async Task SignalAsync(string signal, HubProcess hub)
    {
        using var kill = Process.Start("kill", [$"-{signal}", hub.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().Within();
    }
}
