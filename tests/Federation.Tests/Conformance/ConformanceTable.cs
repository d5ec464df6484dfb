namespace Federation.Tests.Conformance;

/// <summary>The verbs and options of the API, in an order in which each finds what the ones before left.</summary>
static class ConformanceTable
{
    const string Pools = "/apis/ipam.federation.io/v1alpha1/ippools";
    const string Claims = "/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims";

    static string Pool(string name, string spec = "cidr: 10.0.0.0/16", string meta = "") =>
        $$"""{apiVersion: ipam.federation.io/v1alpha1, kind: IPPool, metadata: {name: {{name}}{{meta}} }{{(spec.Length > 0 ? $", spec: {{ {spec} }}" : "")}} }""";

    static string Wanted(string spec, string meta = "") => Pool("p", spec, meta);

    const string Yaml = "application/yaml";

    public static readonly IReadOnlyList<Exchange> All =
    [
        new("create", "POST", $"{Pools}?fieldManager=maker", Pool("p", "cidr: 10.0.0.0/16, allocation: {strategy: FirstFit}", ", labels: {team: a}"), Yaml),
        new("create again", "POST", $"{Pools}?fieldManager=maker", Pool("p"), Yaml),
        new("create dry", "POST", $"{Pools}?fieldManager=maker&dryRun=All", Pool("dry"), Yaml),
        new("create with a name that is none", "POST", Pools, Pool("'B A D'"), Yaml),
        new("create of another kind", "POST", Pools, Pool("q").Replace("kind: IPPool", "kind: IPClaim", StringComparison.Ordinal), Yaml, Differs: Differs.Code, Why: "a custom resource answers 422, other kinds 400 as ours"),
        new("create in another namespace", "POST", Claims, "{apiVersion: ipam.federation.io/v1alpha1, kind: IPClaim, metadata: {name: c, namespace: other}, spec: {poolRef: {name: p} } }", Yaml, Differs: Differs.Details | Differs.Causes, Why: "our refusal names the field"),
        new("create what is not JSON", "POST", Pools, "{", "application/json"),
        new("create of an unknown media type", "POST", Pools, "a", "text/plain"),
        new("get", "GET", $"{Pools}/p"),
        new("get of the status", "GET", $"{Pools}/p/status"),
        new("get what is not there", "GET", $"{Pools}/nobody"),
        new("get of a kind that is not there", "GET", "/apis/ipam.federation.io/v1alpha1/nothings/p", Differs: Differs.Body, Why: "Kubernetes answers plain text"),
        new("get the metadata", "GET", $"{Pools}/p", Accept: Exchange.Metadata),
        new("get in no known form", "GET", $"{Pools}/p", Accept: "text/plain", Differs: Differs.Body, Why: "only the code is of interest"),
        new("merge patch", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"metadata":{"labels":{"more":"b"}},"spec":{"allocation":{"maxPrefixLength":28}}}""", Exchange.Merge),
        new("merge patch that changes nothing", "PATCH", $"{Pools}/p?fieldManager=other", """{"metadata":{"labels":{"more":"b"}}}""", Exchange.Merge),
        new("merge patch that removes", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"metadata":{"labels":{"more":null}}}""", Exchange.Merge),
        new("merge patch of an old version", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"metadata":{"resourceVersion":"1","labels":{"x":"y"}}}""", Exchange.Merge),
        new("merge patch of the name", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"metadata":{"name":"q"}}""", Exchange.Merge),
        new("merge patch of a wrong type", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"spec":{"allocation":{"maxPrefixLength":"many"}}}""", Exchange.Merge, Differs: Differs.Causes, Why: "the cause has had a name of its own since"),
        new("merge patch of what is not there", "PATCH", $"{Pools}/nobody", "{}", Exchange.Merge),
        new("JSON patch", "PATCH", $"{Pools}/p?fieldManager=patcher", """[{"op":"test","path":"/metadata/labels/team","value":"a"},{"op":"add","path":"/spec/reservations","value":["10.0.0.0/24"]}]""", Exchange.JsonPatch),
        new("JSON patch whose test fails", "PATCH", $"{Pools}/p", """[{"op":"test","path":"/metadata/labels/team","value":"z"}]""", Exchange.JsonPatch, Differs: Differs.Details, Why: "our answer says less of the object"),
        new("JSON patch that is none", "PATCH", $"{Pools}/p", """{"op":"test"}""", Exchange.JsonPatch),
        new("force on a merge patch", "PATCH", $"{Pools}/p?force=true", "{}", Exchange.Merge),
        new("strategic merge patch", "PATCH", $"{Pools}/p", "{}", "application/strategic-merge-patch+json"),
        new("status by merge patch", "PATCH", $"{Pools}/p/status?fieldManager=reporter", """{"status":{"phase":"Ready"},"spec":{"allocation":{"maxPrefixLength":20}}}""", Exchange.Merge, Differs: Differs.Owners, Why: "entries had no subresource in 2020"),
        new("forget who owns what", "PATCH", $"{Pools}/p", """{"metadata":{"managedFields":[{}]}}""", Exchange.Merge),
        new("patch after that is not tracked", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"metadata":{"labels":{"more":"c"}}}""", Exchange.Merge),
        new("delete with an old version", "DELETE", $"{Pools}/p", """{"preconditions":{"resourceVersion":"1"}}""", "application/json", Differs: Differs.Details, Why: "a custom resource is named by its kind there"),
        new("delete of another uid", "DELETE", $"{Pools}/p", """{"preconditions":{"uid":"00000000-0000-0000-0000-000000000000"}}""", "application/json", Differs: Differs.Details, Why: "a custom resource is named by its kind there"),
        new("delete dry", "DELETE", $"{Pools}/p?dryRun=All", Differs: Differs.Details, Why: "details name the uid or not"),
        new("delete", "DELETE", $"{Pools}/p", Differs: Differs.Details, Why: "details name the uid or not"),
        new("delete again", "DELETE", $"{Pools}/p"),

        new("apply without a manager", "PATCH", $"{Pools}/p", Wanted("cidr: 10.0.0.0/16"), Exchange.Apply),
        new("apply makes it", "PATCH", $"{Pools}/p?fieldManager=one", Wanted("cidr: 10.0.0.0/16, allocation: {strategy: FirstFit, maxPrefixLength: 28, minPrefixLength: 20}", ", labels: {team: a}"), Exchange.Apply),
        new("apply again", "PATCH", $"{Pools}/p?fieldManager=one", Wanted("cidr: 10.0.0.0/16, allocation: {strategy: FirstFit, maxPrefixLength: 28, minPrefixLength: 20}", ", labels: {team: a}"), Exchange.Apply),
        new("apply by another, the same values", "PATCH", $"{Pools}/p?fieldManager=two", Wanted("cidr: 10.0.0.0/16, allocation: {strategy: FirstFit, maxPrefixLength: 28}", ", labels: {mine: b}"), Exchange.Apply),
        new("apply by another, another value", "PATCH", $"{Pools}/p?fieldManager=three", Wanted("allocation: {minPrefixLength: 21}"), Exchange.Apply),
        new("apply by another, two other values", "PATCH", $"{Pools}/p?fieldManager=three", Wanted("allocation: {minPrefixLength: 21}", ", labels: {team: z}"), Exchange.Apply),
        new("apply with force", "PATCH", $"{Pools}/p?fieldManager=three&force=true", Wanted("allocation: {minPrefixLength: 21}", ", labels: {team: z}"), Exchange.Apply),
        new("apply of less", "PATCH", $"{Pools}/p?fieldManager=one", Wanted("cidr: 10.0.0.0/16"), Exchange.Apply),
        new("apply dry", "PATCH", $"{Pools}/p?fieldManager=one&dryRun=All", Wanted("cidr: 10.0.0.0/16, reservations: [10.0.1.0/24]"), Exchange.Apply),
        new("apply of a list", "PATCH", $"{Pools}/p?fieldManager=one", Wanted("cidr: 10.0.0.0/16, reservations: [10.0.1.0/24, 10.0.2.0/24]"), Exchange.Apply),
        new("apply of another list", "PATCH", $"{Pools}/p?fieldManager=one", Wanted("cidr: 10.0.0.0/16, reservations: [10.0.2.0/24]"), Exchange.Apply),
        new("patch takes a field from an applier", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"spec":{"allocation":{"minPrefixLength":22}}}""", Exchange.Merge),
        new("apply over a patch", "PATCH", $"{Pools}/p?fieldManager=three", Wanted("allocation: {minPrefixLength: 21}", ", labels: {team: z}"), Exchange.Apply),
        new("apply finalizers", "PATCH", $"{Pools}/p?fieldManager=four", Wanted("", ", finalizers: [a.example/x]"), Exchange.Apply),
        new("apply of an old version", "PATCH", $"{Pools}/p?fieldManager=four", Wanted("", ", finalizers: [a.example/x], resourceVersion: '1'"), Exchange.Apply),
        new("apply under another name", "PATCH", $"{Pools}/q?fieldManager=four", Wanted(""), Exchange.Apply, Differs: Differs.Details | Differs.Causes, Why: "our refusal names less"),
        new("apply of managed fields", "PATCH", $"{Pools}/p?fieldManager=four", Wanted("", ", managedFields: [{manager: x}]"), Exchange.Apply, Differs: Differs.Body, Why: "codes for it changed over the years"),
        new("delete waits for finalizers", "DELETE", $"{Pools}/p"),
        new("a new finalizer while it is deleted", "PATCH", $"{Pools}/p", """{"metadata":{"finalizers":["a.example/x","a.example/y"]}}""", Exchange.Merge, Differs: Differs.Causes, Why: "the server of 2020 says it twice"),
        new("the last finalizer goes", "PATCH", $"{Pools}/p?fieldManager=patcher", """{"metadata":{"finalizers":null}}""", Exchange.Merge, Differs: Differs.Owners | Differs.Version, Why: "ours is answered at the revision it went"),
        new("it is gone", "GET", $"{Pools}/p"),

        new("first of a list", "POST", $"{Pools}?fieldManager=maker", Pool("a", meta: ", labels: {x: '1'}"), Yaml),
        new("second of a list", "POST", $"{Pools}?fieldManager=maker", Pool("b", "cidr: 10.1.0.0/16", ", labels: {x: '2'}"), Yaml),
        new("third of a list", "POST", $"{Pools}?fieldManager=maker", Pool("c", "cidr: 10.2.0.0/16"), Yaml),
        new("list", "GET", Pools),
        new("list by label", "GET", $"{Pools}?labelSelector=x"),
        new("list by labels", "GET", $"{Pools}?labelSelector=x%20in%20(2,3)"),
        new("list by name", "GET", $"{Pools}?fieldSelector=metadata.name%3Dc"),
        new("list by a field that cannot be selected", "GET", $"{Pools}?fieldSelector=spec.nonsense%3Dc"),
        new("list of metadata", "GET", Pools, Accept: Exchange.MetadataList),
        new("list of limit", "GET", $"{Pools}?limit=2"),
        new("list with a limit that is none", "GET", $"{Pools}?limit=many", Differs: Differs.Details, Why: "our refusal names the parameter"),
        new("list with a continue that is none", "GET", $"{Pools}?continue=nonsense", Differs: Differs.Details, Why: "our refusal names the parameter"),
        new("list of a version that is none", "GET", $"{Pools}?resourceVersion=old", Differs: Differs.Code, Why: "the server of 2020 answers 500"),
        new("list of any version", "GET", $"{Pools}?resourceVersion=0", Differs: Differs.Order, Why: "a cache of the server of 2020 has no order"),
        new("list of a version of the future", "GET", $"{Pools}?resourceVersion=99999999"),
        new("list with a match alone", "GET", $"{Pools}?resourceVersionMatch=Exact"),
        new("list with an unknown match", "GET", $"{Pools}?resourceVersion=1&resourceVersionMatch=Near"),
        new("replace without a version", "PUT", $"{Pools}/a?fieldManager=replacer", Pool("a", meta: ", labels: {x: '9'}"), Yaml, Differs: Differs.Code, Why: "custom resources must name the version to be replaced; ours, as most kinds, need not"),
        new("replace under another name", "PUT", $"{Pools}/a", Pool("b"), Yaml, Differs: Differs.Details | Differs.Causes, Why: "our refusal names less"),
        new("replace what is not there", "PUT", $"{Pools}/nobody", Pool("nobody", meta: ", resourceVersion: '1'"), Yaml),
        new("delete by label", "DELETE", $"{Pools}?labelSelector=x%3D2", Differs: Differs.Owners, Why: "who owns what of it is of no interest"),
        new("list after that", "GET", Pools, Differs: Differs.Body, Why: "the replacement above differs; the code is of interest"),
        new("delete all", "DELETE", Pools, Differs: Differs.Body, Why: "the replacement above differs; the code is of interest"),
        new("list of nothing", "GET", Pools),
        new("trace", "TRACE", Pools, Differs: Differs.Body, Why: "only the code is of interest"),
        new("put to a collection", "PUT", Pools, Pool("a"), Yaml, Differs: Differs.Code, Why: "a custom resource answers 400, other kinds 405 as ours"),
    ];
}
