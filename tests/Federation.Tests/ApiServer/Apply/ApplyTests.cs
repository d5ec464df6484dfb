using System.Text.Json.Nodes;
using Federation.Tests.Hub;

namespace Federation.Tests.ApiServer;

/// <summary>Server-side apply: who owns which field, and what becomes of it.</summary>
public sealed class ApplyTests
{
    const string Apply = "application/apply-patch+yaml";
    const string Merge = "application/merge-patch+json";
    const string East = "/apis/ipam.federation.io/v1alpha1/edges/east";

    [Fact]
    public async Task An_apply_makes_what_is_not_there_and_owns_what_it_says()
    {
        await using var hub = await TestHub.StartAsync();

        var made = (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 3", "team: a"), Apply)).Created();
        made = await SettledAsync(hub);
        var again = await ApplyAsync(hub, "one", Edge("maxLeases: 3", "team: a"));

        Assert.Equal(3, made["spec"]!["maxLeases"]!.GetValue<int>());
        Assert.Equal("""Apply one {"f:metadata":{"f:labels":{"f:team":{}}},"f:spec":{"f:maxLeases":{}}}""", Assert.Single(Owners(made)));
        Assert.Equal(made.ToJsonString(), again.ToJsonString());
    }

    [Fact]
    public async Task What_a_manager_no_longer_wants_goes_unless_another_wants_it()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 3, cordoned: true", "team: a"), Apply)).Created();
        await ApplyAsync(hub, "two", Edge("maxLeases: 3", "shared: b"));

        var left = await ApplyAsync(hub, "one", Edge(""));

        Assert.Equal("""{"maxLeases":3}""", left["spec"]!.ToJsonString());
        Assert.Equal("""{"shared":"b"}""", left["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal("""Apply two {"f:metadata":{"f:labels":{"f:shared":{}}},"f:spec":{"f:maxLeases":{}}}""", Assert.Single(Owners(left)));
    }

    [Fact]
    public async Task A_field_that_another_owns_is_a_conflict_that_names_both_and_force_takes_it()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 3", "team: a"), Apply)).Created();
        var before = (await SettledAsync(hub)).ToJsonString();

        var refused = (await hub.SendAsync("PATCH", $"{East}?fieldManager=two", Edge("maxLeases: 4", "team: b"), Apply)).IsStatus(409);
        Assert.Equal("Conflict", refused.Json!["reason"]!.GetValue<string>());
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"one\":\n- .metadata.labels.team\n- .spec.maxLeases", refused.Json["message"]!.GetValue<string>());
        Assert.Equal([(".metadata.labels.team", "conflict with \"one\""), (".spec.maxLeases", "conflict with \"one\"")], refused.Causes);
        Assert.All(refused.Json["details"]!["causes"]!.AsArray(), static cause => Assert.Equal("FieldManagerConflict", cause!["reason"]!.GetValue<string>()));
        Assert.Equal(before, (await hub.ReadAsync(East)).ToJsonString());

        var taken = (await hub.SendAsync("PATCH", $"{East}?fieldManager=two&force=true", Edge("maxLeases: 4", "team: b"), Apply)).Json!;
        Assert.Equal(4, taken["spec"]!["maxLeases"]!.GetValue<int>());
        Assert.StartsWith("Apply two", Assert.Single(Owners(taken)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_writes_own_what_they_change_and_take_it_from_others()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("POST", "/apis/ipam.federation.io/v1alpha1/edges?fieldManager=maker", """{"metadata":{"name":"east","labels":{"team":"a"}},"spec":{"maxLeases":3}}""")).Created();
        Assert.Equal(["""Update maker {"f:metadata":{"f:labels":{".":{},"f:team":{}}},"f:spec":{".":{},"f:maxLeases":{}}}"""], Owners(await hub.ReadAsync(East)));

        await PatchAsync(hub, "patcher", """{"spec":{"maxLeases":4,"cordoned":true}}""");
        await PatchAsync(hub, "patcher", """{"spec":{"cordoned":true}}""");
        var owned = Owners(await hub.ReadAsync(East));
        Assert.Contains("""Update maker {"f:metadata":{"f:labels":{".":{},"f:team":{}}},"f:spec":{}}""", owned);
        Assert.Contains("""Update patcher {"f:spec":{"f:cordoned":{},"f:maxLeases":{}}}""", owned);

        var refused = (await hub.SendAsync("PATCH", $"{East}?fieldManager=applier", Edge("maxLeases: 5"), Apply)).IsStatus(409);
        Assert.Equal([(".spec.maxLeases", "conflict with \"patcher\" using ipam.federation.io/v1alpha1")], refused.Causes);
        await PatchAsync(hub, "patcher", """{"spec":{"maxLeases":null}}""");
        Assert.Equal(5, (await ApplyAsync(hub, "applier", Edge("maxLeases: 5")))["spec"]!["maxLeases"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_manager_of_a_write_that_names_none_is_the_program()
    {
        await using var hub = await TestHub.StartAsync();

        (await hub.SendAsync("POST", "/apis/ipam.federation.io/v1alpha1/edges", """{"metadata":{"name":"east"},"spec":{"maxLeases":3}}""", null, ("User-Agent", "curl/8.1 (linux)"))).Created();

        Assert.StartsWith("Update curl ", Assert.Single(Owners(await hub.ReadAsync(East))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unchanged_write_leaves_owners_and_version_as_they_are()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 3"), Apply)).Created();
        var before = await SettledAsync(hub);

        await PatchAsync(hub, "other", """{"spec":{"maxLeases":3}}""");
        Assert.Equal(200, (int)(await hub.SendAsync("PUT", $"{East}?fieldManager=other", before)).Code);
        var without = before.DeepClone();
        without["metadata"]!.AsObject().Remove("managedFields");
        Assert.Equal(200, (int)(await hub.SendAsync("PUT", $"{East}?fieldManager=other", without)).Code);

        Assert.Equal(before.ToJsonString(), (await hub.ReadAsync(East)).ToJsonString());
    }

    [Fact]
    public async Task An_empty_entry_lets_all_be_forgotten_and_the_first_apply_then_owns_beside_what_was_before()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 3"), Apply)).Created();

        await PatchAsync(hub, "cleaner", """{"metadata":{"managedFields":[{}]}}""");
        Assert.Empty(Owners(await hub.ReadAsync(East)));
        await PatchAsync(hub, "patcher", """{"spec":{"cordoned":true}}""");
        Assert.Empty(Owners(await hub.ReadAsync(East)));

        (await hub.SendAsync("PATCH", $"{East}?fieldManager=two", Edge("maxLeases: 4"), Apply)).IsStatus(409);
        var owned = Owners(await ApplyAsync(hub, "two", Edge("maxLeases: 3")));
        Assert.Equal(["""Apply two {"f:spec":{"f:maxLeases":{}}}""", """Update before-first-apply {"f:spec":{".":{},"f:cordoned":{},"f:maxLeases":{}}}"""], owned);
    }

    [Fact]
    public async Task Managed_fields_can_be_rewritten_as_kubectl_does_when_it_changes_its_way_of_applying()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("POST", "/apis/ipam.federation.io/v1alpha1/edges?fieldManager=kubectl-client-side-apply", """{"metadata":{"name":"east"},"spec":{"maxLeases":3}}""")).Created();
        var entry = (await hub.ReadAsync(East))["metadata"]!["managedFields"]![0]!.DeepClone();
        (entry["manager"], entry["operation"]) = ("kubectl", "Apply");

        var rewritten = await hub.SendAsync("PATCH", $"{East}?fieldManager=x", new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = new JsonArray(entry) }), "application/json-patch+json");

        Assert.StartsWith("Apply kubectl ", Assert.Single(Owners(rewritten.Json!)), StringComparison.Ordinal);
        Assert.Equal(4, (await ApplyAsync(hub, "kubectl", Edge("maxLeases: 4")))["spec"]!["maxLeases"]!.GetValue<int>());
    }

    [Fact]
    public async Task Conditions_are_owned_by_type_and_the_hub_owns_what_it_said()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("p", "10.0.0.0/24");
        await hub.ClaimAsync("c", """{"poolRef":{"name":"p"},"prefixLength":28}""");
        var status = $"{TestHub.ClaimPath("c")}/status";
        const string Mine = """{type: Mine, status: "True", reason: Tested, message: it is mine, lastTransitionTime: "2030-01-01T00:00:00Z", observedGeneration: 1}""";

        var applied = (await hub.SendAsync("PATCH", $"{status}?fieldManager=tester", Claim($"conditions: [{Mine}]"), Apply)).Json!;
        Assert.Equal(["Allocated", "Mine"], applied["status"]!["conditions"]!.AsArray().Select(static one => one!["type"]!.GetValue<string>()));
        Assert.Equal("10.0.0.0/28", applied.Block);
        var refused = (await hub.SendAsync("PATCH", $"{status}?fieldManager=tester", Claim($$"""conditions: [{{Mine}}, {type: Allocated, status: "False"}]"""), Apply)).IsStatus(409);
        Assert.Equal((".status.conditions[type=\"Allocated\"].status", "conflict with \"federation\" with subresource \"status\" using ipam.federation.io/v1alpha1"), Assert.Single(refused.Causes));

        var withdrawn = (await hub.SendAsync("PATCH", $"{status}?fieldManager=tester", Claim("conditions: []"), Apply)).Json!;
        Assert.Equal(["Allocated"], withdrawn["status"]!["conditions"]!.AsArray().Select(static one => one!["type"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("", "apiVersion: ipam.federation.io/v1alpha1\nkind: Edge\n", 422, "fieldManager")]
    [InlineData("?fieldManager=x", "kind: Edge\n", 400, "apiVersion")]
    [InlineData("?fieldManager=x", "apiVersion: ipam.federation.io/v1alpha1\nkind: IPPool\n", 400, "kind")]
    [InlineData("?fieldManager=x", "apiVersion: ipam.federation.io/v1alpha1\nkind: Edge\nspec: {nonsense: 1}\n", 400, "spec.nonsense")]
    [InlineData("?fieldManager=x", "apiVersion: ipam.federation.io/v1alpha1\nkind: Edge\nspec: {maxLeases: many}\n", 422, "spec.maxLeases")]
    [InlineData("?fieldManager=x", "apiVersion: ipam.federation.io/v1alpha1\nkind: Edge\nmetadata: {managedFields: []}\n", 400, "metadata.managedFields")]
    [InlineData("?fieldManager=x&force=perhaps", "apiVersion: ipam.federation.io/v1alpha1\nkind: Edge\n", 400, "force")]
    public async Task A_wrong_apply_is_refused_naming_what_is_wrong(string query, string body, int code, string field)
    {
        await using var hub = await TestHub.StartAsync();

        var refused = (await hub.SendAsync("PATCH", East + query, body, Apply)).IsStatus(code);

        Assert.Equal(field, Assert.Single(refused.Causes).Field);
        (await hub.SendAsync("GET", East)).IsStatus(404);
    }

    [Fact]
    public async Task Force_is_for_apply_alone_and_a_dry_run_applies_nothing()
    {
        await using var hub = await TestHub.StartAsync();
        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one&dryRun=All", Edge("maxLeases: 3"), Apply)).Created();
        (await hub.SendAsync("GET", East)).IsStatus(404);

        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 3"), Apply)).Created();
        Assert.Equal([("force", "Forbidden: may not be specified for non-apply patch")], (await hub.SendAsync("PATCH", $"{East}?force=true", "{}", Merge)).IsStatus(422).Causes);
        (await hub.SendAsync("PATCH", $"{East}?fieldManager=one", Edge("maxLeases: 4").Replace("name: east", "name: east, resourceVersion: \"1\"", StringComparison.Ordinal), Apply)).IsStatus(409);
    }

    [Fact]
    public async Task Unknown_fields_are_dropped_with_a_warning_where_the_client_wants_that()
    {
        await using var hub = await TestHub.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/apis/ipam.federation.io/v1alpha1/edges?fieldValidation=Warn")
        {
            Content = new StringContent("""{"metadata":{"name":"east"},"spec":{"maxLeases":1,"maxLeases":2,"nonsense":1}}""", System.Text.Encoding.UTF8, "application/json"),
        };

        using var answer = await hub.Http.SendAsync(request).Within();

        Assert.Equal(201, (int)answer.StatusCode);
        Assert.Equal(["299 - \"duplicate field \\\"spec.maxLeases\\\"\"", "299 - \"unknown field \\\"spec.nonsense\\\"\""], answer.Headers.GetValues("Warning").SelectMany(static line => line.Split(", ")));
    }

    /// <summary>The edge once the hub has said of it what it says of every edge.</summary>
    static async Task<JsonNode> SettledAsync(TestHub hub)
    {
        while (true)
        {
            var seen = hub.Store.Current.Revision;
            var edge = await hub.ReadAsync(East);
            if (edge["status"]?["conditions"] is not null) return edge;
            await hub.Store.Changes.WaitAsync(seen, default).Within();
        }
    }

    static async Task<JsonNode> ApplyAsync(TestHub hub, string manager, string body)
    {
        var answer = await hub.SendAsync("PATCH", $"{East}?fieldManager={manager}", body, Apply);
        Assert.True((int)answer.Code == 200, answer.Text);
        return answer.Json!;
    }

    static async Task PatchAsync(TestHub hub, string manager, string body)
    {
        var answer = await hub.SendAsync("PATCH", $"{East}?fieldManager={manager}", body, Merge);
        Assert.True((int)answer.Code == 200, answer.Text);
    }

    static string Edge(string spec, string labels = "") => $$"""
        apiVersion: ipam.federation.io/v1alpha1
        kind: Edge
        metadata: {name: east{{(labels.Length > 0 ? $", labels: {{ {labels} }}" : "")}} }
        {{(spec.Length > 0 ? $"spec: {{ {spec} }}" : "")}}

        """;

    static string Claim(string status) => $$"""
        apiVersion: ipam.federation.io/v1alpha1
        kind: IPClaim
        metadata: {name: c, namespace: default}
        status: { {{status}} }
        """;

    static IReadOnlyList<string> Owners(JsonNode resource) => [.. (resource["metadata"]!["managedFields"]?.AsArray() ?? []).Select(static entry =>
        $"{entry!["operation"]} {entry["manager"]} {entry["fieldsV1"]!.ToJsonString()}")];
}
