using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>Namespaces of a server that stands alone: there because something is in them.</summary>
public sealed class NamespaceTests
{
    const string Namespaces = "/api/v1/namespaces";

    [Fact]
    public async Task A_namespace_is_there_as_soon_as_an_object_is_in_it()
    {
        await using var hub = await TestHub.StartAsync();
        Assert.Equal(["default"], await NamesAsync(hub));

        (await hub.CreateAsync("""{"kind":"IPClaim","metadata":{"name":"a","namespace":"team"},"spec":{"poolRef":{"name":"p"}}}""", "?dryRun=All")).Created();
        Assert.Equal(["default"], await NamesAsync(hub));
        (await hub.CreateAsync("""{"kind":"IPClaim","metadata":{"name":"a","namespace":"team"},"spec":{"poolRef":{"name":"p"}}}""")).Created();

        Assert.Equal(["default", "team"], await NamesAsync(hub));
        var team = await hub.ReadAsync($"{Namespaces}/team");
        Assert.Equal(("Namespace", "v1", "Active"), (team["kind"]!.GetValue<string>(), team["apiVersion"]!.GetValue<string>(), team["status"]!["phase"]!.GetValue<string>()));
        Assert.Equal(["team"], await NamesAsync(hub, "?labelSelector=kubernetes.io/metadata.name=team"));
    }

    [Fact]
    public async Task A_namespace_can_be_made_and_deleted_but_not_while_it_holds_something()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("POST", Namespaces, """{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"team","creationTimestamp":null},"spec":{},"status":{}}""")).Created();
        (await hub.SendAsync("POST", Namespaces, """{"metadata":{"name":"team"}}""")).IsStatus(409);
        (await hub.CreateAsync("""{"kind":"IPClaim","metadata":{"name":"a","namespace":"team"},"spec":{"poolRef":{"name":"p"}}}""")).Created();

        var refused = (await hub.SendAsync("DELETE", $"{Namespaces}/team")).IsStatus(409);
        Assert.Contains("1 ipclaims", refused.Json!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        (await hub.SendAsync("DELETE", $"{Namespaces}/default")).IsStatus(403);
        Assert.Equal(200, (int)(await hub.SendAsync("DELETE", "/apis/ipam.federation.io/v1alpha1/namespaces/team/ipclaims/a")).Code);
        Assert.Equal(200, (int)(await hub.SendAsync("DELETE", $"{Namespaces}/team")).Code);

        (await hub.SendAsync("GET", $"{Namespaces}/team")).IsStatus(404);
    }

    [Fact]
    public async Task A_namespace_as_kubectl_sends_it_is_made_and_other_protobuf_is_refused()
    {
        await using var hub = await TestHub.StartAsync();
        byte[] space = [.. "k8s\0\n\u000f\n\u0002v1\u0012\tNamespace\u0012\u000f\n\r\n\u0003abcZ\u0006\n\u0001a\u0012\u0001b\u001a\0\"\0"u8];
        byte[] other = [.. "k8s\0\n\n\n\u0002v1\u0012\u0004Node\u0012\u0005\n\u0003\n\u0001a"u8];

        var made = (await hub.SendAsync("POST", Namespaces, space, "application/vnd.kubernetes.protobuf")).Created();
        Assert.Equal(("abc", "b"), (made["metadata"]!["name"]!.GetValue<string>(), made["metadata"]!["labels"]!["a"]!.GetValue<string>()));
        (await hub.SendAsync("POST", Namespaces, other, "application/vnd.kubernetes.protobuf")).IsStatus(415);
        for (var length = 0; length < space.Length - 4; length++) (await hub.SendAsync("POST", Namespaces, space[..length], "application/vnd.kubernetes.protobuf")).IsStatus(415, 422);
    }

    [Fact]
    public async Task The_core_group_is_discovered_beside_the_own_one_or_all_at_once()
    {
        await using var hub = await TestHub.StartAsync();
        const string Everything = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

        Assert.Equal("""["v1"]""", (await hub.ReadAsync("/api"))["versions"]!.ToJsonString());
        Assert.Equal(["events", "namespaces", "namespaces/status"], (await hub.ReadAsync("/api/v1"))["resources"]!.AsArray().Select(static one => one!["name"]!.GetValue<string>()));
        Assert.Equal(["ipam.federation.io"], (await hub.ReadAsync("/apis"))["groups"]!.AsArray().Select(static one => one!["name"]!.GetValue<string>()));
        var core = (await hub.SendAsync("GET", "/api", headers: ("Accept", Everything))).Json!;
        var named = (await hub.SendAsync("GET", "/apis", headers: ("Accept", Everything))).Json!;

        Assert.Equal(("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2"), (core["kind"]!.GetValue<string>(), core["apiVersion"]!.GetValue<string>()));
        Assert.Equal("events", Assert.Single(core["items"]!.AsArray())!["versions"]![0]!["resources"]![0]!["resource"]!.GetValue<string>());
        var group = Assert.Single(named["items"]!.AsArray())!;
        Assert.Equal("ipam.federation.io", group["metadata"]!["name"]!.GetValue<string>());
        var claims = group["versions"]![0]!["resources"]!.AsArray().Single(static one => one!["resource"]!.GetValue<string>() is "ipclaims")!;
        Assert.Equal(("Namespaced", "IPClaim", "status"), (claims["scope"]!.GetValue<string>(), claims["responseKind"]!["kind"]!.GetValue<string>(), claims["subresources"]![0]!["subresource"]!.GetValue<string>()));
    }

    static async Task<IReadOnlyList<string>> NamesAsync(TestHub hub, string query = "") =>
        [.. (await hub.ReadAsync(Namespaces + query))["items"]!.AsArray().Select(static one => one!["metadata"]!["name"]!.GetValue<string>())];
}
