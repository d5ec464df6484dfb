using System.Globalization;
using System.Text.Json.Nodes;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer.Watches;

/// <summary>Watch lists and bookmarks: a client knows when it has all, and from where to go on, also when nothing happens.</summary>
public sealed class WatchListTests
{
    const string Edges = "/apis/ipam.federation.io/v1alpha1/edges";
    const string WatchList = "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const string AsMetadata = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    [Theory]
    [InlineData("")]
    [InlineData("&resourceVersion=1")]
    public async Task A_watch_list_tells_what_there_is_marks_its_end_and_goes_on(string from)
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "a");
        await EdgeAsync(hub, "b");
        var version = await VersionAsync(hub);
        using var watch = await OpenAsync(hub, WatchList + from);

        Assert.Equal(["ADDED a", "ADDED b"], [Said(await NextAsync(watch)), Said(await NextAsync(watch))]);
        var end = await NextAsync(watch);
        await EdgeAsync(hub, "c");

        Assert.Equal(("BOOKMARK", "true"), (end["type"]!.GetValue<string>(), end["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!.GetValue<string>()));
        Assert.InRange(Version(end["object"]!), version, await VersionAsync(hub)); // the hub has writes of its own
        Assert.Equal("ADDED c", Said(await NextAsync(watch)));
    }

    [Fact]
    public async Task Without_initial_events_a_watch_begins_with_what_comes()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "a");
        using var watch = await OpenAsync(hub, "?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");

        await EdgeAsync(hub, "b");

        Assert.Equal("ADDED b", Said(await NextAsync(watch)));
    }

    [Fact]
    public async Task A_bookmark_comes_every_half_minute_also_when_nothing_happens()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        await EdgeAsync(hub, "a");
        using var watch = await OpenAsync(hub, WatchList);
        Assert.Equal("ADDED a", Said(await NextAsync(watch)));
        await NextAsync(watch);

        time.Advance(TimeSpan.FromSeconds(30));
        var mark = await NextAsync(watch);

        Assert.Equal("BOOKMARK", mark["type"]!.GetValue<string>());
        Assert.Null(mark["object"]!["metadata"]!["annotations"]);
        Assert.True(Version(mark["object"]!) > 0);
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_over_and_has_its_last_bookmark_two_seconds_before()
    {
        var time = new VirtualTime();
        await using var hub = await TestHub.StartAsync(time);
        using var watch = await OpenAsync(hub, WatchList + "&timeoutSeconds=7");
        await NextAsync(watch);

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("BOOKMARK", (await NextAsync(watch))["type"]!.GetValue<string>());
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await watch.ReadLineAsync().Within());
    }

    [Fact]
    public async Task What_is_gone_is_told_in_its_last_version_at_the_revision_it_went()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "a");
        var before = await VersionAsync(hub);
        using var watch = await OpenAsync(hub, $"?watch=true&resourceVersion={before}");

        await hub.SendAsync("DELETE", $"{Edges}/a");
        var gone = await NextAsync(watch);

        Assert.Equal("DELETED a", Said(gone));
        Assert.InRange(Version(gone["object"]!), before + 1, await VersionAsync(hub));
    }

    [Fact]
    public async Task A_client_that_wants_metadata_alone_gets_no_more()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "a");

        var one = (await hub.SendAsync("GET", $"{Edges}/a", null, null, ("Accept", AsMetadata))).Json!;
        var list = (await hub.SendAsync("GET", Edges, null, null, ("Accept", AsMetadata.Replace("Metadata;", "MetadataList;", StringComparison.Ordinal)))).Json!;
        using var watch = await OpenAsync(hub, "?watch=true", AsMetadata);
        var told = (await NextAsync(watch))["object"]!;

        Assert.Equal("PartialObjectMetadataList", list["kind"]!.GetValue<string>());
        Assert.All([one, list["items"]![0]!, told], static item =>
        {
            Assert.Equal(["apiVersion", "kind", "metadata"], item.AsObject().Select(static pair => pair.Key).Order());
            Assert.Equal(("PartialObjectMetadata", "a"), (item["kind"]!.GetValue<string>(), item["metadata"]!["name"]!.GetValue<string>()));
        });
    }

    static async Task EdgeAsync(TestHub hub, string name) => (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}"},"spec":{} }""")).Created();

    static async Task<long> VersionAsync(TestHub hub) => Version(await hub.ReadAsync(Edges));

    static long Version(JsonNode item) => long.Parse(item["metadata"]!["resourceVersion"]!.GetValue<string>(), CultureInfo.InvariantCulture);

    static async Task<StreamReader> OpenAsync(TestHub hub, string query, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Edges + query);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var response = await hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Within();
        Assert.Equal(200, (int)response.StatusCode);
        return new StreamReader(await response.Content.ReadAsStreamAsync());
    }

    static async Task<JsonNode> NextAsync(StreamReader watch) => JsonNode.Parse(await watch.ReadLineAsync().Within() ?? throw new InvalidOperationException("the watch ended"))!;

    static string Said(JsonNode news) => $"{news["type"]} {news["object"]!["metadata"]!["name"]}";
}
