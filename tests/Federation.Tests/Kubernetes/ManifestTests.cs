namespace Federation.Tests.Kubernetes;

/// <summary>What <c>kubectl kustomize</c> makes of <c>deploy</c> is taken by a real API server, and says what it must.</summary>
public sealed class ManifestTests(KubeApiserver server) : IClassFixture<KubeApiserver>
{
    static readonly string[] Overlays = ["hub/overlays/dev", "edge/overlays/dev", "hub/overlays/production", "edge/overlays/production", "hub/overlays/aggregated", "hub/overlays/postgresql"];

    [KubeFact]
    public async Task Every_overlay_is_taken_by_an_api_server()
    {
        var kubectl = await server.KubectlAsync();
        await Manifests.DefineForeignAsync(kubectl);

        await kubectl.RunAsync("create namespace federation-system");
        foreach (var overlay in Overlays)
        {
            var checkedOnly = await kubectl.RunAsync("apply --validate=false --dry-run=server -f -", await BuiltAsync(overlay));
            Assert.All(checkedOnly.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.Contains("(server dry run)", line, StringComparison.Ordinal));
        }

        foreach (var overlay in new[] { "hub/overlays/production", "edge/overlays/production", "hub/overlays/postgresql" })
        {
            var applied = await kubectl.RunAsync("apply --validate=false -f -", await BuiltAsync(overlay));
            Assert.All(applied.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.Matches(" (created|configured|unchanged)$", line));
        }
    }

    [KubeFact]
    public async Task Every_pod_is_held_to_the_restricted_standard_and_is_probed()
    {
        foreach (var overlay in Overlays)
        {
            var text = await BuiltAsync(overlay);
            foreach (var must in new[]
            {
                "runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "type: RuntimeDefault",
                "livenessProbe:", "readinessProbe:", "startupProbe:", "kind: NetworkPolicy", "pod-security.kubernetes.io/enforce: restricted",
            })
            {
                Assert.Contains(must, text, StringComparison.Ordinal);
            }
        }
    }

    async Task<string> BuiltAsync(string overlay) => await Manifests.BuiltAsync(await server.KubectlAsync(), Path.Combine("deploy", overlay));
}
