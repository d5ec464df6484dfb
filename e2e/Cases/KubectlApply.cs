using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.E2E;

/// <summary>What kubectl does by the server's help: server-side apply, events, namespaces.</summary>
static class KubectlApply
{
    public static readonly IReadOnlyList<E2ECase> Cases =
    [
        new("KSSA", "apply --server-side: conflicts, force, what is no longer wanted, managed fields", ServerSideAsync),
        new("KMIG", "what was applied by the client is applied by the server after", MigrateAsync),
        new("KEVT", "describe and get show the events of a claim", EventsAsync),
        new("KNS", "namespaces are there with their objects, and are made and deleted", NamespacesAsync),
    ];

    static string Claim(CaseWorld world, string name, string pool, string labels) => $$"""
        apiVersion: ipam.federation.io/v1alpha1
        kind: IPClaim
        metadata: {name: {{name}}, namespace: {{world.Site.Namespace}}, labels: { {{labels}} } }
        spec: {poolRef: {name: {{pool}} }, prefixLength: 30}
        """;

    static async Task ServerSideAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await world.PoolAsync("kube-ssa", "10.115.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        var mine = Claim(world, "web", "kube-ssa", "team: a, tier: gold");

        Expect.That((await kubectl.RunAsync("apply --server-side --dry-run=server -f -", mine)).Contains("serverside-applied (server dry run)", StringComparison.Ordinal), "the rehearsal is not applied");
        Expect.That(await world.Site.Api.GetAsync<IPClaim>(ns, "web", world.Cancel) is null, "the rehearsal is kept");
        Expect.That((await kubectl.RunAsync("apply --server-side -f -", mine)).Contains("serverside-applied", StringComparison.Ordinal), "it is not applied");
        await world.Site.BoundAsync("web");
        var version = await kubectl.RunAsync($"get ipc web -n {ns} -o 'jsonpath={{.metadata.resourceVersion}}'");
        await kubectl.RunAsync("apply --server-side -f -", mine);
        Expect.Equal(version, await kubectl.RunAsync($"get ipc web -n {ns} -o 'jsonpath={{.metadata.resourceVersion}}'"));

        world.At("conflict");
        var other = Claim(world, "web", "kube-ssa", "team: b");
        var conflict = await kubectl.FailsAsync("apply --server-side --field-manager=other -f -", other);
        Expect.That(conflict.Contains("conflict with \"kubectl\": .metadata.labels.team", StringComparison.Ordinal), conflict);
        await kubectl.RunAsync("apply --server-side --field-manager=other --force-conflicts -f -", other);
        Expect.Equal("b", await kubectl.RunAsync($"get ipc web -n {ns} -o 'jsonpath={{.metadata.labels.team}}'"));

        world.At("managed fields");
        Expect.That(!(await kubectl.RunAsync($"get ipc web -n {ns} -o yaml")).Contains("managedFields", StringComparison.Ordinal), "managed fields are shown unasked");
        var owners = await kubectl.RunAsync($"get ipc web -n {ns} -o 'jsonpath={{.metadata.managedFields[?(@.operation==\"Apply\")].manager}}' --show-managed-fields");
        Expect.Equal("kubectl other", string.Join(' ', owners.Split(' ').Order(StringComparer.Ordinal)));

        world.At("no longer wanted");
        await kubectl.RunAsync("apply --server-side -f -", Claim(world, "web", "kube-ssa", "team: b"));
        Expect.Equal("""{"team":"b"}""", await kubectl.RunAsync($"get ipc web -n {ns} -o 'jsonpath={{.metadata.labels}}'"));
        Expect.Equal("", await kubectl.RunAsync("diff --server-side -f -", Claim(world, "web", "kube-ssa", "team: b")));
    }

    static async Task MigrateAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await kubectl.RunAsync("apply -f -", Claim(world, "old", "kube-nowhere", "team: a, tier: gold"));

        await kubectl.RunAsync("apply --server-side -f -", Claim(world, "old", "kube-nowhere", "team: c"));

        Expect.Equal("""{"team":"c"}""", await kubectl.RunAsync($"get ipc old -n {ns} -o 'jsonpath={{.metadata.labels}}'"));
    }

    static async Task EventsAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await kubectl.RunAsync("apply -f -", Claim(world, "late", "kube-events", "team: a"));
        await world.Site.FailsAsync("late", Reasons.PoolNotFound);
        await SaysAsync(world, $"describe ipc late -n {ns}", "pool kube-events not found");

        await world.PoolAsync("kube-events", "10.116.0.0/24", 28, 32, pool => pool.LeasedBy(26));
        await world.Site.BoundAsync("late");
        await SaysAsync(world, $"describe ipc late -n {ns}", "AllocationSucceeded");
        await SaysAsync(world, $"get events -n {ns}", "ipclaim/late");
        await SaysAsync(world, $"events -n {ns} --for ipclaim/late --types=Warning", "PoolNotFound");
    }

    /// <summary>Events are written a moment after what they tell of.</summary>
    static Task<string> SaysAsync(CaseWorld world, string command, string text) => world.Patience.UntilAsync(
        () => world.Kubectl.RunAsync(command), said => said.Contains(text, StringComparison.Ordinal), said => $"kubectl {command} does not say '{text}': {said}");

    static async Task NamespacesAsync(CaseWorld world)
    {
        var (kubectl, ns) = (world.Kubectl, world.Site.Namespace);
        await kubectl.RunAsync("apply -f -", Claim(world, "web", "kube-nowhere", "team: a"));

        var listed = await kubectl.RunAsync("get ns");
        Expect.That(listed.Contains("default ", StringComparison.Ordinal) && listed.Contains($"{ns} ", StringComparison.Ordinal) && listed.Contains("Active", StringComparison.Ordinal), listed);
        Expect.That((await kubectl.RunAsync($"describe ns {ns}")).Contains("Active", StringComparison.Ordinal), "the namespace is not described");
        await kubectl.RunAsync($"create ns {ns}-made");
        await kubectl.RunAsync($"delete ns {ns}-made");
        Expect.That((await kubectl.FailsAsync($"get ns {ns}-made")).Contains("NotFound", StringComparison.Ordinal), "a deleted namespace is still there");

        world.At("a namespace that holds something");
        if (world.Topology.Cluster is null) await KeptAsync(kubectl, ns);
        else await kubectl.RunAsync($"delete ns {ns} --timeout=60s");
        Expect.Equal("", await kubectl.RunAsync($"get ipc -n {ns} -o name"));
    }

    /// <summary>A server that stands alone does not release all that is claimed in a namespace at one word; in a cluster that is how namespaces are.</summary>
    static async Task KeptAsync(Kubectl kubectl, string ns)
    {
        Expect.That((await kubectl.FailsAsync($"delete ns {ns}")).Contains("1 ipclaims", StringComparison.Ordinal), "a namespace goes with what it holds");
        await kubectl.RunAsync($"delete ipc --all -n {ns}");
    }
}
