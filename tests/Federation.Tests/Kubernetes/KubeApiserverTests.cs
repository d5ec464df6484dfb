using System.Text.Json.Nodes;
using System.Threading.Channels;
using Federation.Kubernetes;
using Federation.Resources;
using Microsoft.Extensions.Logging.Abstractions;

namespace Federation.Tests.Kubernetes;

/// <summary>The client against a real API server. Each test works on names of its own.</summary>
[Collection(KubeApiserver.Shared)]
public sealed class KubeApiserverTests(KubeApiserver server) : IDisposable
{
    readonly CancellationTokenSource stop = new();

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    [KubeFact]
    public async Task Objects_are_created_read_replaced_patched_and_deleted()
    {
        using var connection = await server.ConnectAsync("token");
        var api = Api(connection);
        await api.CreateAsync(Lock("dry"), dryRun: true).Within();
        Assert.Null(await api.GetAsync<LeaseLock>(null, "dry", default).Within());

        var made = await api.CreateAsync(Lock("a"), default).Within();
        Assert.Equal("default", made.Namespace);
        Assert.True((await Refused(api.CreateAsync(Lock("a"), default))).IsAlreadyExists);

        var replaced = await api.ReplaceAsync(made with { Spec = new() { HolderIdentity = "me", RenewTime = VirtualTime.Start } }, default).Within();
        Assert.Equal(VirtualTime.Start, replaced.Spec.RenewTime);
        Assert.True((await Refused(api.ReplaceAsync(made, default))).IsConflict);
        Assert.True((await Refused(api.MergePatchAsync<LeaseLock>(null, "a", new { }, resourceVersion: made.Metadata.ResourceVersion))).IsConflict);

        var patched = await api.MergePatchAsync<LeaseLock>(null, "a", new JsonObject { ["spec"] = new JsonObject { ["renewTime"] = null, ["leaseDurationSeconds"] = 7 } }).Within();
        Assert.Equal((7, null, "me"), (patched.Spec.LeaseDurationSeconds, patched.Spec.RenewTime, patched.Spec.HolderIdentity));
        var labelled = await api.JsonPatchAsync<LeaseLock>(null, "a", [JsonPatchOperation.Test("/spec/holderIdentity", "me"), JsonPatchOperation.Add("/metadata/labels", new { x = "y" })]).Within();
        Assert.Equal("y", labelled.Metadata.Label("x"));

        Assert.True((await Refused(api.DeleteAsync<LeaseLock>(null, "a", new DeleteOptions { Uid = "another" }))).IsConflict);
        Assert.True(await api.DeleteAsync<LeaseLock>(null, "a", new DeleteOptions { Uid = made.Uid, Propagation = DeletePropagation.Background }).Within());
        Assert.False(await api.DeleteAsync<LeaseLock>(null, "a").Within());
    }

    [KubeFact]
    public async Task Refusals_say_of_which_sort_they_are()
    {
        using var connection = await server.ConnectAsync("token");
        var api = Api(connection);

        var unknown = await Refused(api.GetAsync<IPLease>(null, "a", default));
        Assert.Equal(404, unknown.Code);
        var invalid = await Refused(api.CreateAsync(Lock("B A D"), default));
        Assert.True(invalid.IsInvalid);
        Assert.Equal("metadata.name", Assert.Single(invalid.Status.Details!.Causes!).Field);
        Assert.Equal(400, (await Refused(api.ListAsync<LeaseLock>(new ListOptions { Limit = 1, Continue = "x" }, default))).Code);
    }

    [KubeFact]
    public async Task A_kubeconfig_says_who_we_are()
    {
        using var certificate = await server.ConnectAsync("certificate");
        Assert.NotEmpty((await Api(certificate).ListAsync<LeaseLock>(new ListOptions(), default).Within()).ResourceVersion);

        using var nobody = await server.ConnectAsync("nobody");
        Assert.Equal((403, ApiReasons.Forbidden), (await Refused(Api(nobody).ListAsync<LeaseLock>(new ListOptions(), default))) is var e ? (e.Code, e.Status.Reason) : default);
    }

    [KubeFact]
    public async Task An_informer_lists_in_pages_and_follows()
    {
        using var connection = await server.ConnectAsync("token");
        var api = Api(connection);
        foreach (var name in (string[])["i1", "i2", "i3"]) await api.CreateAsync(Lock(name, label: "informed"), default).Within();
        var told = Channel.CreateUnbounded<string>();
        var options = new InformerOptions { Namespace = "default", LabelSelector = "for=informed", PageSize = 2, WatchFor = TimeSpan.FromSeconds(2) };
        var informer = new Informer<LeaseLock>(api, TimeProvider.System, static () => 0.5, options);
        informer.OnChange((before, after) => told.Writer.TryWrite($"{before?.Name} > {after?.Name}"));

        _ = informer.RunAsync(stop.Token);
        await informer.HasSynced.Within();
        await EndOfAWatchAsync(api, seconds: 5);
        await api.CreateAsync(Lock("i4", label: "informed"), default).Within();
        await api.CreateAsync(Lock("i5", label: "other"), default).Within();
        await api.DeleteAsync<LeaseLock>(null, "i1").Within();

        foreach (var line in (string[])[" > i1", " > i2", " > i3", " > i4", "i1 > "]) Assert.Equal(line, await told.Reader.ReadAsync().Within());
        Assert.Equal(["i2", "i3", "i4"], informer.Items.Select(static item => item.Name));
    }

    [KubeFact]
    public async Task A_watch_tells_what_happened_since_a_version_and_ends_when_its_time_is_over()
    {
        using var connection = await server.ConnectAsync("token");
        var api = Api(connection);
        var made = await api.CreateAsync(Lock("w"), default).Within();
        await api.DeleteAsync<LeaseLock>(null, "w").Within();

        List<WatchEvent<LeaseLock>> events = [];
        var options = new WatchOptions { Namespace = "default", FieldSelector = "metadata.name=w", ResourceVersion = made.Metadata.ResourceVersion, TimeoutSeconds = 1 };
        await foreach (var change in api.WatchAsync<LeaseLock>(options, stop.Token)) events.Add(change);

        Assert.Equal("w", Assert.IsType<WatchEvent<LeaseLock>.Deleted>(Assert.Single(events)).Resource.Name);
    }

    [KubeFact]
    public async Task Of_two_candidates_one_leads_and_the_other_follows_when_it_stops()
    {
        using var connection = await server.ConnectAsync("token");
        var api = Api(connection);
        using var stopOne = new CancellationTokenSource();
        var (one, two) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = Lead("one", one, stopOne.Token);
        await one.Task.Within();
        _ = Lead("two", two, stop.Token);

        stopOne.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.Within());
        await two.Task.Within();

        Task Lead(string identity, TaskCompletionSource leads, CancellationToken cancel)
        {
            var options = new LeaderElectionOptions { Name = "leader", Identity = identity, RetryPeriod = TimeSpan.FromMilliseconds(200) };
            var election = new LeaderElection(api, options, TimeProvider.System, static () => 0.5, NullLogger<LeaderElection>.Instance);
            return election.RunAsync(async token =>
            {
                leads.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }, cancel);
        }
    }

    /// <summary>A watch in which nothing happens: by its end, shorter ones have ended and begun again.</summary>
    static async Task EndOfAWatchAsync(KubernetesRestClient api, int seconds)
    {
        var options = new WatchOptions { Namespace = "default", FieldSelector = "metadata.name=nothing", TimeoutSeconds = seconds };
        await foreach (var change in api.WatchAsync<LeaseLock>(options, default)) Assert.Fail(change.ToString());
    }

    static async Task<KubernetesApiException> Refused(Task asked) => await Assert.ThrowsAsync<KubernetesApiException>(() => asked.Within());

    static KubernetesRestClient Api(KubernetesConnection connection) => new(connection, TimeProvider.System);

    static LeaseLock Lock(string name, string label = "nothing") => new()
    {
        Metadata = new() { Name = name, Labels = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("for", label) },
    };
}
