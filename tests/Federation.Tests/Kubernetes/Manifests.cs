using Federation.E2E;
using Federation.Tests.House;

namespace Federation.Tests.Kubernetes;

/// <summary>What <c>deploy</c> becomes on the API server of the tests.</summary>
static class Manifests
{
    /// <summary>Kinds of other projects that our overlays use, as far as an API server must know them to take them.</summary>
    static readonly (string Group, string Kind, string Plural)[] Foreign =
        [("monitoring.coreos.com", "ServiceMonitor", "servicemonitors"), ("cert-manager.io", "Issuer", "issuers"), ("cert-manager.io", "Certificate", "certificates")];

    public static async Task DefineForeignAsync(Kubectl kubectl)
    {
        foreach (var (group, kind, plural) in Foreign) await kubectl.RunAsync("apply -f -", Definition(group, kind, plural));
        await kubectl.RunAsync("wait --for=condition=Established --timeout=30s " + string.Join(' ', Foreign.Select(static foreign => $"crd/{foreign.Plural}.{foreign.Group}")));
    }

    /// <summary>On a server of 2020 disruption budgets are at another version, and say the same.</summary>
    public static async Task<string> BuiltAsync(Kubectl kubectl, string folder) =>
        (await kubectl.RunAsync($"kustomize {Path.Combine(Repository.Root, folder)}")).Replace("policy/v1\n", "policy/v1beta1\n", StringComparison.Ordinal);

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
}
