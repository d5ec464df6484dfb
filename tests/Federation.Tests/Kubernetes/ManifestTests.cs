using Federation.E2E;
using Federation.Tests.House;

namespace Federation.Tests.Kubernetes;

/// <summary>What <c>kubectl kustomize</c> makes of <c>deploy</c> is taken by a real API server, and says what it must.</summary>
public sealed class ManifestTests(KubeApiserver server) : IClassFixture<KubeApiserver>
{
    /// <summary>Kinds of other projects that our overlays use, as far as an API server must know them to take them.</summary>
    static readonly (string Group, string Kind, string Plural)[] Foreign =
        [("monitoring.coreos.com", "ServiceMonitor", "servicemonitors"), ("cert-manager.io", "Issuer", "issuers"), ("cert-manager.io", "Certificate", "certificates")];

    static readonly string[] Overlays = ["hub/overlays/dev", "edge/overlays/dev", "hub/overlays/production", "edge/overlays/production", "hub/overlays/aggregated"];

    [KubeFact]
    public async Task Every_overlay_is_taken_by_an_api_server()
    {
        var kubectl = Kubectl();
        foreach (var (group, kind, plural) in Foreign) await kubectl.RunAsync("apply -f -", Definition(group, kind, plural));
        await kubectl.RunAsync("wait --for=condition=Established --timeout=30s " + string.Join(' ', Foreign.Select(static foreign => $"crd/{foreign.Plural}.{foreign.Group}")));

        await kubectl.RunAsync("create namespace federation-system");
        foreach (var overlay in Overlays)
        {
            var checkedOnly = await kubectl.RunAsync("apply --validate=false --dry-run=server -f -", await BuiltAsync(overlay));
            Assert.All(checkedOnly.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.Contains("(server dry run)", line, StringComparison.Ordinal));
        }

        foreach (var overlay in new[] { "hub/overlays/production", "edge/overlays/production" })
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

    /// <summary>On a server of 2020 disruption budgets are at another version, and say the same.</summary>
    async Task<string> BuiltAsync(string overlay) =>
        (await Kubectl().RunAsync($"kustomize {Path.Combine(Repository.Root, "deploy", overlay)}")).Replace("policy/v1\n", "policy/v1beta1\n", StringComparison.Ordinal);

    static string Definition(string group, string kind, string plural) => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: {{plural}}.{{group}}}
        spec:
          group: {{group}}
          names: {kind: {{kind}}, plural: {{plural}}}
          scope: Namespaced
          versions:
          - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }
        """;

    Kubectl Kubectl() => new(server.Server.Url, Limits.Cancel, server.Server.KubeconfigPath);
}
