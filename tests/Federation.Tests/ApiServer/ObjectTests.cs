using System.Text.Json.Nodes;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>The life of an object over the API, as a client of Kubernetes knows it.</summary>
public sealed class ObjectTests
{
    const string Merge = "application/merge-patch+json";
    const string JsonPatch = "application/json-patch+json";
    const string Edges = "/apis/ipam.federation.io/v1alpha1/edges";

    [Fact]
    public async Task A_new_object_has_an_identity_and_is_read_back_as_it_was_answered()
    {
        await using var hub = await TestHub.StartAsync();

        var made = await EdgeAsync(hub, "east", labels: """{"region":"north"}""");

        var meta = made["metadata"]!;
        Assert.True(Guid.TryParse(meta["uid"]!.GetValue<string>(), out _));
        Assert.Equal(1, meta["generation"]!.GetValue<int>());
        Assert.Matches("^[1-9][0-9]*$", meta["resourceVersion"]!.GetValue<string>());
        Assert.Matches("^[0-9-]{10}T[0-9:]{8}Z$", meta["creationTimestamp"]!.GetValue<string>());
        Assert.Equal(made.ToJsonString(), (await hub.ReadAsync($"{Edges}/east")).ToJsonString());
        Assert.Equal("AlreadyExists", (await hub.CreateAsync("""{"kind":"Edge","metadata":{"name":"east"},"spec":{}}""")).IsStatus(409).Json!["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Identity_given_by_a_client_is_not_taken()
    {
        await using var hub = await TestHub.StartAsync();

        var made = (await hub.CreateAsync("""{"kind":"Edge","metadata":{"name":"east","uid":"mine","generation":7,"creationTimestamp":"2001-01-01T00:00:00Z","deletionTimestamp":"2001-01-01T00:00:00Z"},"spec":{},"status":{"phase":"Ready","leaseCount":9}}""")).Created();

        Assert.NotEqual("mine", made["metadata"]!["uid"]!.GetValue<string>());
        Assert.Equal(1, made["metadata"]!["generation"]!.GetValue<int>());
        Assert.Null(made["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, made["status"]?["leaseCount"]?.GetValue<int>());
    }

    [Fact]
    public async Task Generated_names_are_new_each_time()
    {
        await using var hub = await TestHub.StartAsync();

        List<string> names = [];
        for (var i = 0; i < 20; i++) names.Add((await hub.CreateAsync("""{"kind":"Edge","metadata":{"generateName":"edge-"},"spec":{}}""")).Created()["metadata"]!["name"]!.GetValue<string>());

        Assert.Equal(20, names.Distinct().Count());
        Assert.All(names, static name => Assert.Matches("^edge-[bcdfghjklmnpqrstvwxz2456789]{5}$", name));
    }

    [Fact]
    public async Task An_update_of_an_older_version_is_a_conflict_and_changes_nothing()
    {
        await using var hub = await TestHub.StartAsync();
        var old = await EdgeAsync(hub, "east");
        (await hub.SendAsync("PATCH", $"{Edges}/east", """{"spec":{"cordoned":true}}""", Merge)).Json!.ToJsonString();

        old["spec"] = new JsonObject { ["maxLeases"] = 5 };
        var refused = (await hub.SendAsync("PUT", $"{Edges}/east", old)).IsStatus(409);
        (await hub.SendAsync("PATCH", $"{Edges}/east", $$"""{"metadata":{"resourceVersion":"{{old["metadata"]!["resourceVersion"]}}"},"spec":{"maxLeases":5} }""", Merge)).IsStatus(409);

        Assert.Equal("Conflict", refused.Json!["reason"]!.GetValue<string>());
        Assert.Equal("""{"cordoned":true}""", (await hub.ReadAsync($"{Edges}/east"))["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_alone()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "east");

        Assert.Equal(1, Generation(await hub.SendAsync("PATCH", $"{Edges}/east", """{"metadata":{"labels":{"a":"b"}}}""", Merge)));
        Assert.Equal(2, Generation(await hub.SendAsync("PATCH", $"{Edges}/east", """{"spec":{"cordoned":true}}""", Merge)));
        Assert.Equal(2, Generation(await hub.SendAsync("PATCH", $"{Edges}/east", """{"spec":{"cordoned":true}}""", Merge)));
        Assert.Equal(3, Generation(await hub.SendAsync("PATCH", $"{Edges}/east", """[{"op":"remove","path":"/spec/cordoned"},{"op":"add","path":"/spec/maxLeases","value":3}]""", JsonPatch)));
        Assert.Equal("""{"maxLeases":3}""", (await hub.ReadAsync($"{Edges}/east"))["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_the_version()
    {
        await using var hub = await TestHub.StartAsync();
        var before = (await EdgeAsync(hub, "east"))["metadata"]!["resourceVersion"]!.GetValue<string>();

        var after = await hub.SendAsync("PATCH", $"{Edges}/east", """{"spec":{"cordoned":null}}""", Merge);

        Assert.Equal(before, after.Json!["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_status_is_written_apart_from_the_rest()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "east");

        var mixed = """{"metadata":{"labels":{"a":"b"}},"spec":{"cordoned":true},"status":{"agentVersion":"9"}}""";
        var spec = (await hub.SendAsync("PATCH", $"{Edges}/east", mixed, Merge)).Json!;
        var status = (await hub.SendAsync("PATCH", $"{Edges}/east/status", """{"spec":{"cordoned":false},"status":{"agentVersion":"10"}}""", Merge)).Json!;

        Assert.Null(spec["status"]?["agentVersion"]);
        Assert.True(status["spec"]!["cordoned"]!.GetValue<bool>());
        Assert.Equal("10", status["status"]!["agentVersion"]!.GetValue<string>());
        Assert.Equal(2, status["metadata"]!["generation"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_object_with_finalizers_goes_when_the_last_is_taken_off()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.CreateAsync("""{"kind":"Edge","metadata":{"name":"east","finalizers":["a.example/x","a.example/y"]},"spec":{}}""")).Created();

        var deleting = (await hub.SendAsync("DELETE", $"{Edges}/east")).Json!;
        Assert.NotNull(deleting["metadata"]!["deletionTimestamp"]);
        (await hub.SendAsync("PATCH", $"{Edges}/east", """{"metadata":{"finalizers":["a.example/x","a.example/y","a.example/z"]}}""", Merge)).IsStatus(422);
        Assert.NotNull((await hub.SendAsync("PATCH", $"{Edges}/east", """{"metadata":{"finalizers":["a.example/y"]}}""", Merge)).Json!["metadata"]!["deletionTimestamp"]);
        Assert.Equal(200, (int)(await hub.SendAsync("PATCH", $"{Edges}/east", """{"metadata":{"finalizers":null}}""", Merge)).Code);

        (await hub.SendAsync("GET", $"{Edges}/east")).IsStatus(404);
    }

    [Fact]
    public async Task A_deletion_is_of_the_object_that_was_meant()
    {
        await using var hub = await TestHub.StartAsync();
        var made = (await EdgeAsync(hub, "east"))["metadata"]!;

        (await hub.SendAsync("DELETE", $"{Edges}/east", """{"preconditions":{"uid":"another"}}""")).IsStatus(409);
        (await hub.SendAsync("DELETE", $"{Edges}/east", """{"preconditions":{"resourceVersion":"1"}}""")).IsStatus(409);
        Assert.Equal(200, (int)(await hub.SendAsync("DELETE", $"{Edges}/east?dryRun=All")).Code);
        Assert.Equal(200, (int)(await hub.SendAsync("DELETE", $"{Edges}/east", """{"dryRun":["All"]}""")).Code);
        (await hub.SendAsync("DELETE", $"{Edges}/east", """{"dryRun":["Some"]}""")).IsStatus(400);
        Assert.Equal(200, (int)(await hub.SendAsync("GET", $"{Edges}/east")).Code);
        Assert.Equal(200, (int)(await hub.SendAsync("DELETE", $"{Edges}/east", $$"""{"preconditions":{"uid":"{{made["uid"]}}","resourceVersion":"{{made["resourceVersion"]}}"} }""")).Code);

        (await hub.SendAsync("DELETE", $"{Edges}/east")).IsStatus(404);
    }

    [Fact]
    public async Task A_refused_write_leaves_no_trace_behind()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("a", "10.0.0.0/16");
        var before = hub.Store.Current.Revision;

        (await hub.CreateAsync("""{"kind":"IPPool","metadata":{"name":"b"},"spec":{"cidr":"10.0.4.0/24"}}""")).IsStatus(409);
        (await hub.SendAsync("PATCH", TestHub.PoolPath("a"), """{"spec":{"reservations":["10.9.0.0/24"]}}""", Merge)).IsStatus(422);

        Assert.Equal(before, hub.Store.Current.Revision);
        Assert.Equal("10.0.0.0/20", (await hub.ClaimAsync("c", """{"poolRef":{"name":"a"},"prefixLength":20}""")).Block);
    }

    static async Task<JsonNode> EdgeAsync(TestHub hub, string name, string labels = "{}") =>
        (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}","labels":{{labels}} },"spec":{} }""")).Created();

    static int Generation(Answer answer)
    {
        Assert.True((int)answer.Code == 200, answer.Text);
        return answer.Json!["metadata"]!["generation"]!.GetValue<int>();
    }
}
