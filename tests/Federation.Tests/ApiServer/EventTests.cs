using System.Text.Json.Nodes;
using Federation.ApiServer;
using Federation.Resources;
using Federation.Telemetry;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>Events: told of claims, found by kubectl's selectors, kept for an hour and not too many.</summary>
public sealed class EventTests
{
    const string Events = "/api/v1/namespaces/default/events";

    [Fact]
    public async Task A_claim_that_is_answered_tells_so_where_describe_looks()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/24");
        var bound = await hub.ClaimAsync("good", """{"poolRef":{"name":"p"},"prefixLength":28}""");
        await hub.ClaimAsync("bad", """{"poolRef":{"name":"nowhere"}}""");
        await hub.ClaimAsync("rehearsed", """{"poolRef":{"name":"p"},"prefixLength":28}""", "?dryRun=All");

        var good = await EventAsync(hub, "good", $",involvedObject.uid={bound["metadata"]!["uid"]}");
        var bad = await EventAsync(hub, "bad");

        Assert.Equal(("Normal", "AllocationSucceeded", "CIDR 10.0.0.0/28 allocated from p"), Said(good));
        Assert.Equal(("Warning", "PoolNotFound", "pool nowhere not found"), Said(bad));
        Assert.Equal("federation-hub", good["source"]!["component"]!.GetValue<string>());
        Assert.Empty((await hub.ReadAsync($"{Events}?fieldSelector=involvedObject.name=rehearsed"))["items"]!.AsArray());
    }

    [Fact]
    public async Task Events_are_printed_with_their_object_and_no_name()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("POST", Events, """{"metadata":{"name":"e"},"involvedObject":{"kind":"IPClaim","name":"a","namespace":"default"},"reason":"Tested","type":"Normal","message":"it works"}""")).Created();

        var table = (await hub.SendAsync("GET", Events, headers: ("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"))).Json!;

        Assert.Equal(["Last Seen", "Type", "Reason", "Object", "Message"], table["columnDefinitions"]!.AsArray().Where(static column => column!["priority"]!.GetValue<int>() == 0).Select(static column => column!["name"]!.GetValue<string>()));
        Assert.Equal("ipclaim/a", table["rows"]![0]!["cells"]![3]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"e"},"reason":"Tested"}""", "involvedObject")]
    [InlineData("""{"metadata":{"name":"e"},"involvedObject":{"namespace":"elsewhere"}}""", "involvedObject.namespace")]
    [InlineData("""{"metadata":{"name":"e"},"involvedObject":{},"type":"Alarm"}""", "type")]
    public async Task A_wrong_event_is_refused_naming_the_field(string json, string field)
    {
        await using var hub = await TestHub.StartAsync();

        var refused = (await hub.SendAsync("POST", Events, json)).IsStatus(422);

        Assert.Equal(field, Assert.Single(refused.Causes).Field);
    }

    [Fact]
    public async Task An_event_goes_an_hour_after_it_was_last_seen()
    {
        var time = new VirtualTime();
        var store = new ObjectStore(new Forgetful(), [], time, new ApiMetrics(new UnheardMeters()));
        using var stop = new CancellationTokenSource();
        var running = store.RunAsync(stop.Token);
        var keeping = new EventKeeping(store, time).RunAsync(stop.Token);
        await new StoredEvents(store).TryWriteAsync([Event("old", time.GetUtcNow())], default).Within();
        await new StoredEvents(store).TryWriteAsync([Event("new", time.GetUtcNow() + TimeSpan.FromMinutes(30))], default).Within();

        var seen = store.Changes.Last;
        time.Advance(TimeSpan.FromMinutes(61));
        await store.Changes.WaitAsync(seen, default).Within();

        Assert.Equal(["new"], store.Current.All<EventObject>().Select(static one => one.Name));
        Assert.False(running.IsCompleted || keeping.IsCompleted);
        stop.Cancel();
    }

    [Fact]
    public async Task When_there_are_too_many_the_oldest_make_room()
    {
        var time = new VirtualTime();
        var store = new ObjectStore(new Forgetful(), [], time, new ApiMetrics(new UnheardMeters()));
        using var stop = new CancellationTokenSource();
        _ = store.RunAsync(stop.Token);
        var sink = new StoredEvents(store);
        Assert.True(await sink.TryWriteAsync([.. Enumerable.Range(0, EventRules.EventsMax).Select(i => Event($"e-{i:d5}", time.GetUtcNow()))], default).Within());
        Assert.True(await sink.TryWriteAsync([Event("last", time.GetUtcNow())], default).Within());

        Assert.Equal(EventRules.EventsMax - (EventRules.EventsMax / 10) + 1, store.Current.Count(KindInfo.Of<EventObject>()));
        Assert.Null(store.Current.Find<EventObject>("default", "e-00000"));
        Assert.NotNull(store.Current.Find<EventObject>("default", "last"));
        stop.Cancel();
    }

    static async Task<JsonNode> EventAsync(TestHub hub, string claim, string more = "")
    {
        for (var attempt = 0; ; attempt++)
        {
            var seen = hub.Store.Current.Revision;
            var found = (await hub.ReadAsync($"{Events}?limit=500&fieldSelector=involvedObject.namespace=default,involvedObject.name={claim},involvedObject.kind=IPClaim{more}"))["items"]!.AsArray();
            if (found.Count > 0) return Assert.Single(found)!;
            Assert.True(attempt < 100, $"no event of {claim}");
            await hub.Store.Changes.WaitAsync(seen, default).Within();
        }
    }

    static (string, string, string) Said(JsonNode one) => (one["type"]!.GetValue<string>(), one["reason"]!.GetValue<string>(), one["message"]!.GetValue<string>());

    static EventObject Event(string name, DateTimeOffset seen) => new()
    {
        Metadata = new() { Name = name, Namespace = "default" },
        InvolvedObject = new() { Kind = "IPClaim", Name = "a", Namespace = "default" },
        FirstTimestamp = seen,
        LastTimestamp = seen,
        Count = 1,
    };

    /// <summary>A disk that keeps nothing.</summary>
    sealed class Forgetful : IObjectStorage
    {
        public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("forgetful", 1, []));

        public ValueTask CommitAsync(CommitBatch batch) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
