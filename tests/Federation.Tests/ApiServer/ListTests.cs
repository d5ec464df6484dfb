using System.Globalization;
using System.Text.Json.Nodes;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>Lists: selectors, pages that agree with one another, tables, versions that never go back.</summary>
public sealed class ListTests
{
    const string Edges = "/apis/ipam.federation.io/v1alpha1/edges";

    [Theory]
    [InlineData("labelSelector=tier=gold", "a c")]
    [InlineData("labelSelector=tier==gold", "a c")]
    [InlineData("labelSelector=tier!=gold", "b d")]
    [InlineData("labelSelector=tier", "a b c")]
    [InlineData("labelSelector=!tier", "d")]
    [InlineData("labelSelector=tier in (gold,silver)", "a b c")]
    [InlineData("labelSelector=tier notin (gold)", "b d")]
    [InlineData("labelSelector=tier=gold,region=north", "a")]
    [InlineData("labelSelector=tier=gold,region notin (north)", "c")]
    [InlineData("fieldSelector=metadata.name=b", "b")]
    [InlineData("fieldSelector=metadata.name!=b", "a c d")]
    [InlineData("labelSelector=tier=gold&fieldSelector=metadata.name!=a", "c")]
    [InlineData("labelSelector=tier=lead", "")]
    public async Task A_selector_selects(string query, string names)
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var (name, labels) in new[] { ("a", """{"tier":"gold","region":"north"}"""), ("b", """{"tier":"silver"}"""), ("c", """{"tier":"gold"}"""), ("d", "{}") })
        {
            (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}","labels":{{labels}} },"spec":{} }""")).Created();
        }

        var list = await hub.ReadAsync($"{Edges}?{query}");

        Assert.Equal(names, string.Join(' ', Names(list)));
        Assert.Equal(("EdgeList", "ipam.federation.io/v1alpha1"), (list["kind"]!.GetValue<string>(), list["apiVersion"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Pages_show_one_moment_whatever_is_written_meanwhile()
    {
        await using var hub = await TestHub.StartAsync();
        for (var i = 0; i < 25; i++) await EdgeAsync(hub, $"edge-{i:00}");

        var page = await hub.ReadAsync($"{Edges}?limit=10");
        var version = page["metadata"]!["resourceVersion"]!.GetValue<string>();
        List<string> seen = [.. Names(page)];
        await hub.SendAsync("DELETE", $"{Edges}/edge-15");
        await EdgeAsync(hub, "edge-12a");
        Assert.Equal(15, page["metadata"]!["remainingItemCount"]!.GetValue<int>());
        while (page["metadata"]!["continue"]?.GetValue<string>() is { Length: > 0 } token)
        {
            page = await hub.ReadAsync($"{Edges}?limit=10&continue={Uri.EscapeDataString(token)}");
            Assert.Equal(version, page["metadata"]!["resourceVersion"]!.GetValue<string>());
            seen.AddRange(Names(page));
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(static i => $"edge-{i:00}"), seen);
    }

    [Fact]
    public async Task The_version_of_a_list_is_never_zero_and_never_goes_back()
    {
        await using var hub = await TestHub.StartAsync();
        var last = 0L;
        for (var i = 0; i < 10; i++)
        {
            var version = long.Parse((await hub.ReadAsync(Edges))["metadata"]!["resourceVersion"]!.GetValue<string>(), CultureInfo.InvariantCulture);
            Assert.True(version >= Math.Max(last, 1), $"{version} after {last}");
            last = version;
            var made = await EdgeAsync(hub, $"edge-{i}");
            Assert.True(long.Parse(made["metadata"]!["resourceVersion"]!.GetValue<string>(), CultureInfo.InvariantCulture) > last);
            if (i % 2 == 0) await hub.SendAsync("DELETE", $"{Edges}/edge-{i}");
        }
    }

    [Fact]
    public async Task A_table_has_the_columns_of_its_kind()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("prod", "10.0.0.0/24");
        await hub.ClaimAsync("web", """{"poolRef":{"name":"prod"},"prefixLength":28}""");

        var table = (await hub.SendAsync("GET", TestHub.ClaimPath("")[..^1], null, null, ("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"))).Json!;

        Assert.Equal(("Table", "meta.k8s.io/v1"), (table["kind"]!.GetValue<string>(), table["apiVersion"]!.GetValue<string>()));
        var columns = table["columnDefinitions"]!.AsArray().Select(static column => column!["name"]!.GetValue<string>()).ToList();
        var cells = table["rows"]![0]!["cells"]!.AsArray().Select(static cell => cell?.ToString() ?? "").ToList();
        Assert.Equal("Name", columns[0]);
        Assert.Equal(("web", "10.0.0.0/28", "Bound"), (cells[0], cells[columns.IndexOf("CIDR")], cells[columns.IndexOf("Phase")]));
        Assert.Equal("web", table["rows"]![0]!["object"]!["metadata"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_collection_is_deleted_as_far_as_it_is_selected()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var name in new[] { "a", "b", "c" }) (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}","labels":{"x":"{{name}}"} },"spec":{} }""")).Created();

        Assert.Equal(200, (int)(await hub.SendAsync("DELETE", $"{Edges}?labelSelector=x in (a,c)")).Code);

        Assert.Equal(["b"], Names(await hub.ReadAsync(Edges)));
    }

    [Fact]
    public async Task A_collection_is_deleted_page_by_page_where_that_is_asked_for()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var name in new[] { "a", "b", "c" }) await EdgeAsync(hub, name);

        var first = (await hub.SendAsync("DELETE", $"{Edges}?limit=2")).Json!;
        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(["c"], Names(await hub.ReadAsync(Edges)));
        var rest = await hub.SendAsync("DELETE", $"{Edges}?limit=2&continue={Uri.EscapeDataString(first["metadata"]!["continue"]!.GetValue<string>())}");

        Assert.Equal(["c"], Names(rest.Json!));
        Assert.Empty(Names(await hub.ReadAsync(Edges)));
    }

    [Fact]
    public async Task A_list_of_a_version_that_is_not_there_yet_is_to_be_asked_again()
    {
        await using var hub = await TestHub.StartAsync();

        var refused = (await hub.SendAsync("GET", $"{Edges}?resourceVersion=99999999")).IsStatus(504);

        Assert.Equal("Timeout", refused.Json!["reason"]!.GetValue<string>());
        Assert.Equal(("ResourceVersionTooLarge", 1), (refused.Json["details"]!["causes"]![0]!["reason"]!.GetValue<string>(), refused.Json["details"]!["retryAfterSeconds"]!.GetValue<int>()));
    }

    static async Task<JsonNode> EdgeAsync(TestHub hub, string name) => (await hub.CreateAsync($$"""{"kind":"Edge","metadata":{"name":"{{name}}"},"spec":{} }""")).Created();

    static IEnumerable<string> Names(JsonNode list) => list["items"]!.AsArray().Select(static item => item!["metadata"]!["name"]!.GetValue<string>());
}
