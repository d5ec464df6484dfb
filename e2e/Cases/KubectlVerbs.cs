using System.Text.Json.Nodes;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>kubectl against hub and edge, verb by verb, as a team would use it.</summary>
static class KubectlVerbs
{
    public static readonly IReadOnlyList<E2ECase> Cases =
    [
        new("KGET", "get: tables, wide, yaml, json, jsonpath, columns, selectors, pages", GetAsync),
        new("KAPP", "apply, diff and delete from a file; unknown and duplicate fields are refused", ApplyAsync),
        new("KCRE", "create, replace and delete with selectors, collections and preconditions", CreateAsync),
        new("KCHG", "label, annotate, patch and edit", ChangeAsync),
        new("KWAI", "wait for a condition, for a value, for the end; get --watch", WaitAsync),
        new("KDRY", "a dry run on the server computes the real block and keeps nothing", DryRunAsync),
        new("KDSC", "describe and explain", DescribeAsync),
        new("KAPI", "api-resources, api-versions, raw paths", DiscoverAsync),
    ];

    static string Claim(CaseWorld world, string name, string pool, int length, string labels = "") => $$"""
        apiVersion: ipam.federation.io/v1alpha1
        kind: IPClaim
        metadata: {name: {{name}}, namespace: {{world.Site.Namespace}}{{(labels.Length > 0 ? $", labels: {{ {labels} }}" : "")}}}
        spec: {poolRef: {name: {{pool}} }, prefixLength: {{length}} }
        """;

    static async Task GetAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await world.PoolAsync("kube-get", "10.110.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        foreach (var (name, tier) in new[] { ("a", "gold"), ("b", "lead"), ("c", "gold") }) await kubectl.RunAsync("apply -f -", Claim(world, name, "kube-get", 30, $"tier: {tier}"));
        foreach (var name in new[] { "a", "b", "c" }) await world.Site.BoundAsync(name);

        var table = await kubectl.RunAsync($"get ipclaims -n {ns}");
        Expect.That(table.StartsWith("NAME ", StringComparison.Ordinal) && table.Contains("Bound", StringComparison.Ordinal) && table.Split('\n').Length == 5, table);
        Expect.That((await kubectl.RunAsync($"get ipc -n {ns} -o wide")).Contains("ALLOCATION", StringComparison.Ordinal), "the wide table has no allocations");
        Expect.Equal("Bound Bound Bound", await kubectl.RunAsync($"get ipc -n {ns} -o 'jsonpath={{.items[*].status.phase}}'"));
        Expect.Equal("ipclaim.ipam.federation.io/a ipclaim.ipam.federation.io/c", Words(await kubectl.RunAsync($"get ipc -n {ns} -l tier=gold -o name")));
        Expect.Equal("b", Words(await kubectl.RunAsync($"get ipc -n {ns} -l 'tier notin (gold)' -o custom-columns=:metadata.name --no-headers")));
        Expect.Equal("c", Words(await kubectl.RunAsync($"get ipc -n {ns} --field-selector metadata.name=c --no-headers -o custom-columns=:.metadata.name")));
        Expect.Equal(3, (await kubectl.RunAsync($"get ipc -n {ns} --chunk-size=1 -o name")).Trim().Split('\n').Length);
        Expect.Equal("IPClaim", JsonNode.Parse(await kubectl.RunAsync($"get ipc a -n {ns} -o json"))!["kind"]!.GetValue<string>());
        Expect.That((await kubectl.RunAsync($"get ipc a -n {ns} -o yaml")).Contains("kind: IPClaim", StringComparison.Ordinal), "the yaml names no kind");
        Expect.That((await kubectl.RunAsync("get ipc -A")).Contains(ns, StringComparison.Ordinal), "-A leaves the namespace out");
        Expect.That((await kubectl.FailsAsync($"get ipc nobody -n {ns}")).Contains("NotFound", StringComparison.Ordinal), "what is absent is not NotFound");
    }

    static async Task ApplyAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await world.PoolAsync("kube-apply", "10.111.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        var file = Claim(world, "web", "kube-apply", 30);

        Expect.That((await kubectl.RunAsync("apply -f -", file)).Contains("created", StringComparison.Ordinal), "the first apply does not create");
        await world.Site.BoundAsync("web");
        Expect.That((await kubectl.RunAsync("apply -f -", file)).Contains("unchanged", StringComparison.Ordinal), "the second apply changes something");
        Expect.Equal("", await kubectl.RunAsync("diff -f -", file));
        var labelled = Claim(world, "web", "kube-apply", 30, "team: a");
        var (code, difference, _) = await kubectl.TryAsync("diff -f -", labelled, editor: null);
        Expect.That(code == 1 && difference.Contains("team: a", StringComparison.Ordinal), $"diff ends with {code}: {difference}");
        Expect.That((await kubectl.RunAsync("apply -f -", labelled)).Contains("configured", StringComparison.Ordinal), "the label is not applied");

        world.At("refusals");
        var unknown = await kubectl.FailsAsync("apply -f -", file.Replace("prefixLength: 30", "prefixLength: 30, nonsense: 1", StringComparison.Ordinal));
        Expect.That(unknown.Contains("nonsense", StringComparison.Ordinal), unknown);
        var immutable = await kubectl.FailsAsync("apply -f -", file.Replace("prefixLength: 30", "prefixLength: 29", StringComparison.Ordinal));
        Expect.That(immutable.Contains("spec.prefixLength", StringComparison.Ordinal), immutable);
        await kubectl.RunAsync("delete -f -", file);
        await world.Site.GoneAsync<IPClaim>(ns, "web");
    }

    static async Task CreateAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await world.PoolAsync("kube-create", "10.112.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        foreach (var name in new[] { "a", "b", "c" }) await kubectl.RunAsync("create -f -", Claim(world, name, "kube-create", 30, $"name: {name}"));
        Expect.That((await kubectl.FailsAsync("create -f -", Claim(world, "a", "kube-create", 30))).Contains("AlreadyExists", StringComparison.Ordinal), "a second of the name is created");
        await world.Site.BoundAsync("a");

        var read = await kubectl.RunAsync($"get ipc a -n {ns} -o yaml");
        Expect.That((await kubectl.RunAsync("replace -f -", read)).Contains("replaced", StringComparison.Ordinal), "it is not replaced");
        Expect.That((await kubectl.FailsAsync("replace -f -", read.Replace("resourceVersion: \"", "resourceVersion: \"9", StringComparison.Ordinal))).Contains("Conflict", StringComparison.Ordinal), "another version is replaced");
        await kubectl.RunAsync($"delete ipc -n {ns} -l 'name in (b,c)'");
        Expect.Equal("ipclaim.ipam.federation.io/a", (await kubectl.RunAsync($"get ipc -n {ns} -o name")).Trim());
        await kubectl.RunAsync($"replace --force -f -", Claim(world, "a", "kube-create", 29));
        await world.Site.BoundAsync("a");
        await kubectl.RunAsync($"delete ipc --all -n {ns} --cascade=foreground");
        Expect.Equal("", await kubectl.RunAsync($"get ipc -n {ns} -o name"));
    }

    static async Task ChangeAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await kubectl.RunAsync("apply -f -", Claim(world, "web", "kube-nowhere", 30));
        await kubectl.RunAsync($"label ipc web -n {ns} team=a");
        await kubectl.RunAsync($"annotate ipc web -n {ns} note=first");
        await kubectl.RunAsync($"annotate ipc web -n {ns} note=second --overwrite");
        await kubectl.RunAsync($$"""patch ipc web -n {{ns}} --type=merge -p '{"spec":{"reclaimPolicy":"Retain"} }'""");
        await kubectl.RunAsync($$"""patch ipc web -n {{ns}} --type=json -p '[{"op":"add","path":"/metadata/labels/more","value":"yes"}]'""");
        await kubectl.RunAsync($"edit ipc web -n {ns}", editor: "sed -i s/second/third/");
        await kubectl.RunAsync($"label ipc web -n {ns} team-");

        var claim = (await world.Site.Api.GetAsync<IPClaim>(ns, "web", world.Cancel))!;
        Expect.Equal("third", claim.Metadata.Annotation("note"));
        Expect.Equal(("yes", null), (claim.Metadata.Label("more"), claim.Metadata.Label("team")));
        Expect.Equal(ReclaimPolicy.Retain, claim.Spec.ReclaimPolicy);
        Expect.That((await kubectl.FailsAsync($$"""patch ipc web -n {{ns}} --type=merge -p '{"spec":{"prefixLength":29} }'""")).Contains("immutable", StringComparison.Ordinal), "what is immutable is patched");
    }

    static async Task WaitAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await kubectl.RunAsync("apply -f -", Claim(world, "early", "kube-wait", 30));
        var bound = kubectl.RunAsync($"wait ipc/early -n {ns} --for=condition=Allocated --timeout=60s");
        await world.PoolAsync("kube-wait", "10.113.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        Expect.That((await bound).Contains("condition met", StringComparison.Ordinal), "the condition is not met");
        await kubectl.RunAsync($"wait ipc/early -n {ns} '--for=jsonpath={{.status.phase}}=Bound' --timeout=30s");

        var watched = kubectl.TryAsync($"get ipc -n {ns} --watch --request-timeout=3s --no-headers", input: null, editor: null);
        await kubectl.RunAsync("apply -f -", Claim(world, "late", "kube-wait", 30));
        await world.Site.BoundAsync("late");
        Expect.That((await watched).Said.Contains("late", StringComparison.Ordinal), "the watch does not show what came");

        var gone = kubectl.RunAsync($"wait ipc/early -n {ns} --for=delete --timeout=60s");
        await kubectl.RunAsync($"delete ipc early -n {ns} --wait=false");
        await gone;
    }

    static async Task DryRunAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await world.PoolAsync("kube-dry", "10.114.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        var answer = JsonNode.Parse(await kubectl.RunAsync("apply --dry-run=server -f - -o json", Claim(world, "dry", "kube-dry", 30)))!;
        if (!world.Topology.HasEdges) Expect.Equal("10.114.0.0/30", answer["status"]?["allocatedCIDR"]?.GetValue<string>());
        Expect.That(await world.Site.Api.GetAsync<IPClaim>(ns, "dry", world.Cancel) is null, "the rehearsal is kept");
        await kubectl.RunAsync("apply -f -", Claim(world, "real", "kube-dry", 30));
        Expect.Equal("10.114.0.0/30", (await world.Site.BlockAsync("real")).ToString());
        await kubectl.RunAsync($"delete ipc real -n {ns} --dry-run=server");
        await world.Site.BoundAsync("real");
    }

    static async Task DescribeAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await kubectl.RunAsync("apply -f -", Claim(world, "lost", "kube-nowhere", 30));
        await world.Site.FailsAsync("lost", Reasons.PoolNotFound);

        var described = await kubectl.RunAsync($"describe ipc lost -n {ns}");
        Expect.That(described.Contains("pool kube-nowhere not found", StringComparison.Ordinal) && described.Contains("PoolNotFound", StringComparison.Ordinal), described);
        foreach (var kind in world.Topology.Kinds)
        {
            var explained = await kubectl.RunAsync($"explain {kind.Plural} --recursive");
            Expect.That(Words(explained).Contains($"KIND: {kind.Name} ", StringComparison.Ordinal) && explained.Contains("spec", StringComparison.Ordinal), $"explain {kind.Plural}: {explained}");
        }

        Expect.That((await kubectl.RunAsync("explain ippool.spec.allocation.strategy")).Contains("FirstFit", StringComparison.Ordinal), "the strategies are not explained");
    }

    static async Task DiscoverAsync(CaseWorld world)
    {
        var kubectl = world.Kubectl;
        var resources = await kubectl.RunAsync("api-resources --no-headers");
        foreach (var kind in world.Topology.Kinds) Expect.That(resources.Contains($"{kind.Plural} ", StringComparison.Ordinal), $"api-resources leaves {kind.Plural} out");
        Expect.That((await kubectl.RunAsync("api-versions")).Contains("ipam.federation.io/v1alpha1", StringComparison.Ordinal), "api-versions leaves the group out");
        Expect.Equal("IPPoolList", JsonNode.Parse(await kubectl.RunAsync("get --raw /apis/ipam.federation.io/v1alpha1/ippools"))!["kind"]!.GetValue<string>());
        Expect.That((await kubectl.RunAsync("api-resources --categories=federation -o name")).Contains("ippools", StringComparison.Ordinal), "the category is unknown");
        Expect.That((await kubectl.RunAsync("version -o json")).Contains("serverVersion", StringComparison.Ordinal), "the server has no version");
    }

    static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
