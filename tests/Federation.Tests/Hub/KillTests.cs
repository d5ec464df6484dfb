using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Federation.Domain.Addressing;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Tests.House;

namespace Federation.Tests.Hub;

/// <summary>A hub that is killed at any moment loses nothing it acknowledged, and nothing is half done.</summary>
[Whole]
public sealed class KillTests : IDisposable
{
    const int Rounds = 4;
    const int Writers = 8;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-kill-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Every_acknowledged_write_survives_kills_under_load_object_by_object()
    {
        using var process = new HubProcess(folder.FullName);
        var acknowledged = new ConcurrentDictionary<string, IPClaim?>(StringComparer.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            var api = await process.StartAsync();
            if (round == 0) await api.CreateAsync(new IPPool { Metadata = new() { Name = "load" }, Spec = new() { Cidr = Cidr.Parse("10.0.0.0/12") } });
            using var stop = new CancellationTokenSource();
            var writing = Enumerable.Range(0, Writers).Select(writer => WriteAsync(api, $"r{round}w{writer}", acknowledged, stop.Token)).ToList();
            var goal = acknowledged.Count + 300;
            while (acknowledged.Count < goal) await Task.WhenAny(Task.WhenAny(writing), Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
            process.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(writing).Within();
        }

        var after = await process.StartAsync();
        await CompareAsync(after, acknowledged);
        await NothingIsHalfDoneAsync(after);
    }

    /// <summary>Creates claims and deletes every third, remembering what was answered, until the hub is gone.</summary>
    static async Task WriteAsync(IKubernetesApi api, string prefix, ConcurrentDictionary<string, IPClaim?> acknowledged, CancellationToken cancel)
    {
        try
        {
            for (var i = 0; !cancel.IsCancellationRequested; i++)
            {
                var name = $"{prefix}-{i}";
                var claim = await api.CreateAsync(new IPClaim
                {
                    Metadata = new() { Name = name, Namespace = "load" },
                    Spec = new() { PoolRef = new() { Name = "load" }, PrefixLength = 30 },
                }, cancel: cancel);
                acknowledged[name] = claim;
                if (i % 3 != 2) continue;
                acknowledged.TryRemove(name, out _); // from here on either is right, until the deletion is answered
                if (await api.DeleteAsync<IPClaim>("load", name, cancel: cancel)) acknowledged[name] = null;
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or KubernetesApiException { Code: 503 })
        {
            // The hub is gone.
        }
    }

    static async Task CompareAsync(IKubernetesApi api, ConcurrentDictionary<string, IPClaim?> acknowledged)
    {
        var stored = (await api.ListAsync<IPClaim>(new() { Namespace = "load" }, CancellationToken.None)).Items.ToDictionary(static claim => claim.Name, StringComparer.Ordinal);
        foreach (var (name, said) in acknowledged)
        {
            if (said is null) Assert.False(stored.ContainsKey(name), $"{name} is back");
            else Assert.Equal(Text(said), stored.TryGetValue(name, out var found) ? Text(found) : $"{name} is lost");
        }

        Assert.True(acknowledged.Count >= Rounds * 300);
    }

    static string Text(IPClaim claim) => Encoding.UTF8.GetString(ResourceJson.Write(claim));

    /// <summary>Each bound claim has its allocation and each allocation its claim; no two overlap; the pool counts them exactly.</summary>
    static async Task NothingIsHalfDoneAsync(IKubernetesApi api)
    {
        var claims = (await api.ListAsync<IPClaim>(new(), CancellationToken.None)).Items;
        var allocations = (await api.ListAsync<IPAllocation>(new(), CancellationToken.None)).Items;

        Assert.Equal(claims.Select(static claim => (claim.Uid, claim.Status!.BoundAllocationRef!.Name!)).Order(), allocations.Select(static allocation => (allocation.Spec.ClaimRef!.Uid!, allocation.Name)).Order());
        var blocks = allocations.Select(static allocation => allocation.Spec.Cidr!.Value).Order().ToList();
        Assert.All(blocks.Zip(blocks.Skip(1)), static pair => Assert.False(pair.First.Overlaps(pair.Second)));
        await PoolCountsAsync(api, (4 * allocations.Count).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A pool's report follows its changes by a beat.</summary>
    static async Task PoolCountsAsync(IKubernetesApi api, string allocated)
    {
        string? counted = null;
        for (var look = 0; look < 200; look++)
        {
            counted = (await api.GetAsync<IPPool>(null, "load", CancellationToken.None))!.Status!.Capacity!.Allocated;
            if (counted == allocated) return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Assert.Fail($"the pool counts {counted} addresses as allocated, and {allocated} are");
    }
}
