using System.Globalization;
using System.Text.Json.Nodes;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>Watches: every change once and in order, from where one says, also by many and under load.</summary>
public sealed class WatchTests
{
    const string Edges = "/apis/ipam.federation.io/v1alpha1/edges";

    [Fact]
    public async Task A_watch_from_a_version_tells_what_came_after_it_in_order()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "old");
        var version = (await hub.ReadAsync(Edges))["metadata"]!["resourceVersion"]!.GetValue<string>();
        await EdgeAsync(hub, "a");
        await hub.SendAsync("PATCH", $"{Edges}/a", """{"spec":{"cordoned":true}}""", "application/merge-patch+json");
        await hub.SendAsync("DELETE", $"{Edges}/a");

        await using var watch = await Watch.StartAsync(hub, $"{Edges}?watch=true&resourceVersion={version}");

        List<string> told = [];
        while (told.LastOrDefault() is not "DELETED a") told.AddRange(await watch.TakeAsync(1));
        var ofIt = told.Where(static entry => entry.EndsWith(" a", StringComparison.Ordinal)).ToList(); // the hub itself says something of both edges, when it comes to it
        Assert.Equal("ADDED a", ofIt[0]);
        Assert.NotEmpty(ofIt[1..^1]);
        Assert.All(ofIt[1..^1], static entry => Assert.Equal("MODIFIED a", entry));
    }

    [Fact]
    public async Task A_watch_from_nowhere_begins_with_what_there_is()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "a");
        await EdgeAsync(hub, "b");

        await using var watch = await Watch.StartAsync(hub, $"{Edges}?watch=true");
        var first = await watch.TakeAsync(2);
        await EdgeAsync(hub, "c");

        Assert.Equal(["ADDED a", "ADDED b"], first);
        Assert.Equal(["ADDED c"], await watch.TakeAsync(1));
    }

    [Fact]
    public async Task What_begins_or_ends_to_match_a_selector_is_added_or_deleted()
    {
        await using var hub = await TestHub.StartAsync();
        await using var watch = await Watch.StartAsync(hub, $"{Edges}?watch=true&labelSelector=tier%3Dgold");

        await EdgeAsync(hub, "plain");
        await EdgeAsync(hub, "a", """{"tier":"gold"}""");
        await hub.SendAsync("PATCH", $"{Edges}/plain", """{"metadata":{"labels":{"tier":"gold"}}}""", "application/merge-patch+json");
        await hub.SendAsync("PATCH", $"{Edges}/a", """{"metadata":{"labels":{"tier":"lead"}}}""", "application/merge-patch+json");
        await hub.SendAsync("DELETE", $"{Edges}/a");
        await hub.SendAsync("DELETE", $"{Edges}/plain");

        Assert.Equal(["ADDED a", "ADDED plain", "DELETED a", "DELETED plain"], await watch.TakeAsync(4));
    }

    [Fact]
    public async Task A_version_of_the_future_and_one_too_old_are_refused_with_410()
    {
        await using var hub = await TestHub.StartAsync();

        (await hub.SendAsync("GET", $"{Edges}?watch=true&resourceVersion=999999")).IsStatus(410);
    }

    [Fact]
    public async Task Many_watchers_under_load_see_every_change_once_and_in_order_also_when_they_reconnect()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("load", "10.0.0.0/16");
        const int writers = 8, each = 40;
        var path = TestHub.ClaimPath("")[..^1];
        var watchers = Enumerable.Range(0, 6).Select(watcher => FollowAsync(hub, path, events: writers * each * 2, reconnectEvery: watcher * 37)).ToList();

        await Task.WhenAll(Enumerable.Range(0, writers).Select(async writer =>
        {
            for (var i = 0; i < each; i++)
            {
                await hub.ClaimAsync($"w{writer}-{i}", """{"poolRef":{"name":"load"},"prefixLength":30}""");
                await hub.SendAsync("DELETE", TestHub.ClaimPath($"w{writer}-{i}"));
            }
        })).Within();

        var seen = await Task.WhenAll(watchers).Within();
        Assert.All(seen, events =>
        {
            Assert.Equal(writers * each * 2, events.Count);
            Assert.Equal(events.Count, events.Distinct().Count());
            Assert.Equal(seen[0], events);
        });
        var versions = seen[0].Select(static line => long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(versions.Order(), versions);
    }

    /// <summary>Watches until so many events were seen, leaving and coming back from its last version now and then.</summary>
    static async Task<List<string>> FollowAsync(TestHub hub, string path, int events, int reconnectEvery)
    {
        List<string> seen = [];
        var version = (await hub.ReadAsync(path))["metadata"]!["resourceVersion"]!.GetValue<string>();
        while (seen.Count < events)
        {
            await using var watch = await Watch.StartAsync(hub, $"{path}?watch=true&resourceVersion={version}");
            for (var i = 0; seen.Count < events && (reconnectEvery == 0 || i < reconnectEvery); i++)
            {
                var (type, item) = await watch.NextAsync();
                version = item["metadata"]!["resourceVersion"]!.GetValue<string>();
                seen.Add($"{type} {item["metadata"]!["name"]} {version}");
            }
        }

        return seen;
    }

    static async Task EdgeAsync(TestHub hub, string name, string labels = "{}") =>
        (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}","labels":{{labels}} },"spec":{} }""")).Created();

    /// <summary>One open watch.</summary>
    sealed class Watch(HttpResponseMessage response, StreamReader lines) : IAsyncDisposable
    {
        public static async Task<Watch> StartAsync(TestHub hub, string path)
        {
            var response = await hub.Http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead).Within();
            Assert.Equal(200, (int)response.StatusCode);
            return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        }

        public async Task<(string Type, JsonNode Object)> NextAsync()
        {
            while (true)
            {
                var line = await lines.ReadLineAsync().Within() ?? throw new InvalidOperationException("the watch ended");
                var news = JsonNode.Parse(line)!;
                if (news["type"]!.GetValue<string>() is var type && type is not "BOOKMARK") return (type, news["object"]!);
            }
        }

        public async Task<List<string>> TakeAsync(int count)
        {
            List<string> taken = [];
            while (taken.Count < count)
            {
                var (type, item) = await NextAsync();
                taken.Add($"{type} {item["metadata"]!["name"]}");
            }

            return taken;
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
