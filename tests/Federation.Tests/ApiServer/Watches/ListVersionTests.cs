using System.Text.Json.Nodes;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer.Watches;

/// <summary>Lists of a moment: by version, by page, and how one goes on after its moment is forgotten.</summary>
public sealed class ListVersionTests
{
    const string Edges = "/apis/ipam.federation.io/v1alpha1/edges";

    [Fact]
    public async Task A_forgotten_page_answers_410_with_a_token_that_goes_on_in_the_list_as_it_is()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var name in new[] { "a", "b", "c" }) await EdgeAsync(hub, name);
        var token = Continue(await hub.ReadAsync($"{Edges}?limit=1"));
        for (var i = 0; i < 40; i++)
        {
            await EdgeAsync(hub, $"d{i:00}");
            await hub.ReadAsync($"{Edges}?limit=1");
        }

        var gone = (await hub.SendAsync("GET", $"{Edges}?limit=1&continue={token}")).IsStatus(410);
        var rest = await hub.ReadAsync($"{Edges}?limit=3&continue={Continue(gone.Json!)}");

        Assert.Equal(["b", "c", "d00"], Names(rest));
        Assert.Equal(39, rest["metadata"]!["remainingItemCount"]!.GetValue<int>());
    }

    [Fact]
    public async Task Every_page_but_the_last_says_how_many_remain()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var name in new[] { "a", "b", "c" }) await EdgeAsync(hub, name);

        var first = await hub.ReadAsync($"{Edges}?limit=1");
        var second = await hub.ReadAsync($"{Edges}?limit=1&continue={Continue(first)}");
        var third = await hub.ReadAsync($"{Edges}?limit=1&continue={Continue(second)}");

        Assert.Equal((2, 1), (first["metadata"]!["remainingItemCount"]!.GetValue<int>(), second["metadata"]!["remainingItemCount"]!.GetValue<int>()));
        Assert.Null(third["metadata"]!["remainingItemCount"]);
        Assert.Null(third["metadata"]!["continue"]);
    }

    [Fact]
    public async Task An_exact_list_is_of_that_moment_or_410()
    {
        await using var hub = await TestHub.StartAsync();
        await EdgeAsync(hub, "a");
        var forgotten = Version(await hub.ReadAsync(Edges));
        await EdgeAsync(hub, "b");
        var held = Version(await hub.ReadAsync($"{Edges}?limit=1"));
        await EdgeAsync(hub, "c");

        Assert.Equal(["a", "b"], Names(await hub.ReadAsync($"{Edges}?resourceVersion={held}&resourceVersionMatch=Exact")));
        Assert.Equal(["a", "b", "c"], Names(await hub.ReadAsync($"{Edges}?resourceVersion={forgotten}&resourceVersionMatch=NotOlderThan")));
        (await hub.SendAsync("GET", $"{Edges}?resourceVersion={forgotten}&resourceVersionMatch=Exact")).IsStatus(410);
    }

    static async Task EdgeAsync(TestHub hub, string name) => (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}"},"spec":{} }""")).Created();

    static string Continue(JsonNode list) => Uri.EscapeDataString(list["metadata"]!["continue"]!.GetValue<string>());

    static string Version(JsonNode list) => list["metadata"]!["resourceVersion"]!.GetValue<string>();

    static IEnumerable<string> Names(JsonNode list) => list["items"]!.AsArray().Select(static item => item!["metadata"]!["name"]!.GetValue<string>());
}
