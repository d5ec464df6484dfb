using System.Net;
using Federation.Domain.Leases;
using Federation.Hub;
using Federation.Proto.Grpc.Health.V1;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Rpc;
using Federation.Tests.Hub;
using Federation.Tests.Leases;
using Grpc.Core;
using ServingStatus = Federation.Proto.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Federation.Tests.Postgres;

/// <summary>Two hubs on one database: one serves; the other says at once that it does not, and goes on where the first ended.</summary>
[Collection(DatabaseTests.Name)]
public sealed class StandbyTests(Databases databases) : IAsyncLifetime
{
    Database database = null!;
    TestHub leader = null!;
    TestHub standby = null!;

    public async Task InitializeAsync()
    {
        if (E2E.PostgresBinaries.Folder is null) return;
        database = await databases.CreateAsync();
        leader = await TestHub.StartAsync(await database.OpenAsync());
        await leader.Store.Loaded.Within();
        standby = await TestHub.StartAsync(await database.OpenAsync());
        await Limits.UntilAsync(() => standby.Store.Standby is "another hub leads");
    }

    public async Task DisposeAsync()
    {
        if (standby is not null) await standby.DisposeAsync();
    }

    [PostgresFact]
    public async Task Who_stands_by_is_alive_and_not_ready_and_answers_every_request_at_once_that_it_is_to_be_asked_again()
    {
        Assert.Equal(HttpStatusCode.OK, (await standby.SendAsync("GET", "/livez")).Code);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "leader failed: stands by: another hub leads\n"), await CheckAsync(standby));
        foreach (var (method, path, body) in new[]
        {
            ("GET", TestHub.PoolPath("prod"), null), ("GET", "/apis/ipam.federation.io/v1alpha1/ippools?watch=1", null), ("GET", "/apis/ipam.federation.io/v1alpha1/lookup?address=10.0.0.1", null),
            ("POST", "/apis/ipam.federation.io/v1alpha1/ippools", """{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPPool","metadata":{"name":"prod"},"spec":{"cidr":"10.0.0.0/16"}}"""), ("DELETE", TestHub.PoolPath("prod"), null),
        })
        {
            using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : new StringContent(body, null, "application/json") };
            using var answer = await standby.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Within();
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1), true), (answer.StatusCode, answer.Headers.RetryAfter?.Delta, answer.Headers.ConnectionClose));
            Assert.Contains("this server stands by: another hub leads", (await standby.SendAsync(method, path, body)).IsStatus(503).Text, StringComparison.Ordinal);
        }

        await leader.DisposeAsync();
    }

    /// <summary>Null when the connection ended before the answer.</summary>
    static async Task<ServingStatus?> SaysAsync(Health.HealthClient health)
    {
        try
        {
            return (await health.CheckAsync(new()).ResponseAsync.Within()).Status;
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable)
        {
            return null;
        }
    }

    /// <summary>The connection ends with each answer: a call that met its end is made again.</summary>
    static async Task<RpcFailure> RefusedAsync(Func<Task> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            var refused = RpcFailure.Read(await Assert.ThrowsAsync<RpcException>(() => call().Within()));
            if (refused is not { Code: StatusCode.Unavailable, Reason: null } || attempt == 5) return refused;
        }
    }

    [PostgresFact]
    public async Task Who_stands_by_tells_edges_that_it_is_unavailable_and_not_serving()
    {
        using var channel = HubChannel.Open(new() { Address = standby.GrpcAddress, EdgeName = "east" }, TimeProvider.System);
        using var edge = EdgeVoice.Of("east", standby);
        var health = new Health.HealthClient(channel.Invoker);

        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new()).ResponseAsync.Within()).Status);
        foreach (var call in new Func<Task>[]
        {
            () => edge.RegisterAsync(), () => edge.RequestAsync("prod", 24, "wish"), () => edge.ReleaseAsync("lease", 1), () => edge.ReportAsync(),
            async () => await edge.Service.ListLeasesAsync(new() { Edge = "east", Incarnation = "site-1" }).ResponseAsync,
            async () =>
            {
                using var watch = edge.Service.Watch(new() { Edge = "east", Incarnation = "site-1" });
                await watch.ResponseStream.MoveNext(Limits.Cancel);
            },
        })
        {
            var refused = await RefusedAsync(call);
            Assert.Equal((StatusCode.Unavailable, ErrorReason.NotReady, TimeSpan.FromSeconds(1)), (refused.Code, refused.Reason, refused.RetryAfter));
        }

        await leader.DisposeAsync();
        await standby.Store.Loaded.Within();
        await Limits.UntilAsync(async () => await SaysAsync(health) is ServingStatus.Serving);
        await edge.RegisterAsync();
    }

    [PostgresFact]
    public async Task Who_takes_over_has_all_that_was_acknowledged_and_gives_out_nothing_twice()
    {
        await leader.PoolAsync("prod", "10.0.0.0/24", ""","leasing":{"minPrefixLength":26,"maxPrefixLength":28,"defaultPrefixLength":28}""");
        var claimed = (await leader.ClaimAsync("one", """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Block;
        using var voice = await EdgeVoice.RegisteredAsync("east", leader);
        var lent = await voice.LeaseAsync("prod", 28, "wish");
        var epoch = leader.Store.StoreEpoch;

        await leader.DisposeAsync();
        await standby.Store.Loaded.Within();

        Assert.Equal((HttpStatusCode.OK, "ok"), await CheckAsync(standby));
        Assert.Equal((epoch, claimed), (standby.Store.StoreEpoch, (await standby.ReadAsync(TestHub.ClaimPath("one"))).Block));
        using var again = EdgeVoice.Of("east", standby);
        Assert.Equal((lent.Id, lent.Cidr, lent.Epoch), await again.RequestAsync("prod", 28, "wish").ContinueWith(static lease => (lease.Result.Id, lease.Result.Cidr, lease.Result.Epoch), TaskScheduler.Default));
        var next = (await standby.ClaimAsync("two", """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Block;
        Assert.DoesNotContain(next, new[] { claimed, lent.Cidr });
    }

    [PostgresFact]
    public async Task A_leader_whose_session_is_ended_stops_even_when_it_has_nothing_to_write()
    {
        await leader.PoolAsync("prod", "10.0.0.0/24");

        await database.EndLeaderAsync();
        await leader.FallAsync();

        await standby.Store.Loaded.Within();
        Assert.NotNull(standby.Store.Current.Find<IPPool>(null, "prod"));
    }

    /// <summary>V-R13: two hub replicas reap 200 rows, each is freed once.</summary>
    [PostgresFact]
    public async Task Two_hubs_reap_two_hundred_offers_one_after_the_other_and_each_is_freed_once()
    {
        const int Count = 200;
        await leader.PoolAsync("prod", "10.0.0.0/20", ""","leasing":{"minPrefixLength":24,"maxPrefixLength":28,"defaultPrefixLength":28,"maxLeasesPerEdge":1000}""");
        using var edge = await EdgeVoice.RegisteredAsync("east", leader);
        var offers = new List<string>();
        for (var wish = 0; wish < Count; wish++) offers.Add((await edge.RequestAsync("prod", 28, $"wish-{wish}")).Id);
        var old = """{"poolRef":{"name":"prod"},"prefixLength":28}""";
        await RefuseAllAsync(leader);

        await leader.Get<Reaper>().PassAsync(Limits.Cancel).Within(); // fifty, and then it is cut off in the midst of the next
        var cut = leader.Get<Reaper>().PassAsync(Limits.Cancel);
        await database.EndLeaderAsync();
        await Record.ExceptionAsync(() => cut.Within());
        await leader.FallAsync();
        await standby.Store.Loaded.Within();
        for (var pass = 0; pass < 6; pass++) await standby.Get<Reaper>().PassAsync(Limits.Cancel).Within();

        Assert.Empty(standby.Store.Current.All<IPLease>());
        Assert.Equal(Count, await database.AskAsync<long>("SELECT count(*) FROM federation.audit WHERE action = 'lease reaped'"));
        Assert.Equal(Count, await database.AskAsync<long>("SELECT count(DISTINCT subject) FROM federation.audit WHERE action = 'lease reaped'"));
        Assert.Equal("10.0.0.0/28", (await standby.ClaimAsync("first", old)).Block);
        Assert.Equal(Count, offers.Distinct().Count());
    }

    /// <summary>What an edge discarded may be taken back whatever its age.</summary>
    static Task<int> RefuseAllAsync(TestHub hub) => hub.Store.WriteAsync("test", transaction =>
    {
        foreach (var lease in transaction.All<IPLease>().ToList()) transaction.Put(lease with { Status = lease.Status! with { Phase = LeasePhase.Failed } });
        return 0;
    }, Limits.Cancel).Within();

    static async Task<(HttpStatusCode, string)> CheckAsync(TestHub hub)
    {
        var answer = await hub.SendAsync("GET", "/readyz/leader");
        return (answer.Code, answer.Text);
    }
}
