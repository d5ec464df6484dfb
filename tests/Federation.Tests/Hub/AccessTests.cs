using System.Net;
using Federation.Resources;
using Federation.Tests.Kubernetes;

namespace Federation.Tests.Hub;

/// <summary>Who may do what at a hub behind TLS.</summary>
[Collection(KubeApiserver.Shared)]
public sealed class AccessTests(KubeApiserver cluster)
{
    const string Lookup = $"{Federation.Hub.LookupEndpoint.Path}?address=10.1.2.3";

    static readonly string Claims = KindInfo.Of<IPClaim>().Path("team");

    [Fact]
    public async Task A_certificate_gives_what_its_groups_give_and_nothing_by_itself()
    {
        await using var hub = await TlsHub.StartAsync();
        using var admin = hub.Client("CN=alice, O=federation:admins");
        using var viewer = hub.Client("CN=bob, O=federation:viewers");
        using var edge = hub.Client("CN=east");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (await TlsHub.CreateAsync(admin, "team"), await TlsHub.GetAsync(admin, Claims)));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (await TlsHub.CreateAsync(viewer, "team"), await TlsHub.GetAsync(viewer, Claims)));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (await TlsHub.CreateAsync(edge, "team"), await TlsHub.GetAsync(edge, Claims)));
        Assert.Equal(HttpStatusCode.OK, await TlsHub.GetAsync(edge, "/apis"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (await TlsHub.GetAsync(viewer, Lookup), await TlsHub.GetAsync(edge, Lookup)));
    }

    [Fact]
    public async Task Headers_of_a_front_proxy_are_believed_with_its_certificate_alone()
    {
        await using var hub = await TlsHub.StartAsync(static keys => new() { FrontProxyAuthority = keys.Path("front-ca.crt"), FrontProxyNames = ["front-proxy"] });
        (string, string)[] asAdmin = [("X-Remote-User", "alice"), ("X-Remote-Group", "federation:admins")];
        using var proxy = hub.Client("CN=front-proxy", "front-ca");
        using var stranger = hub.Client("CN=somebody-else", "front-ca");
        using var edge = hub.Client("CN=front-proxy");

        Assert.Equal(HttpStatusCode.Created, await TlsHub.CreateAsync(proxy, "team", asAdmin));
        Assert.Equal(HttpStatusCode.Forbidden, await TlsHub.CreateAsync(proxy, "team", ("X-Remote-User", "mallory")));
        Assert.Equal(HttpStatusCode.Unauthorized, await TlsHub.CreateAsync(proxy, "team"));
        Assert.Equal(HttpStatusCode.Forbidden, await TlsHub.CreateAsync(stranger, "team", asAdmin));
        Assert.Equal(HttpStatusCode.Forbidden, await TlsHub.CreateAsync(edge, "team", asAdmin));
    }

    [Fact]
    public async Task Nobody_comes_in_without_a_certificate()
    {
        await using var hub = await TlsHub.StartAsync();
        using var nobody = hub.Client(subject: null);

        await Assert.ThrowsAsync<HttpRequestException>(() => TlsHub.GetAsync(nobody, Claims));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_watch_is_answered_before_anything_happens(string version)
    {
        await using var hub = await TlsHub.StartAsync();
        using var viewer = hub.Client("CN=bob, O=federation:viewers");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Claims}?watch=true") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await viewer.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Within();

        Assert.Equal((HttpStatusCode.OK, request.Version), (answer.StatusCode, answer.Version));
    }

    [KubeFact]
    public async Task Whose_token_it_is_and_what_they_may_the_cluster_says()
    {
        var kubectl = await cluster.KubectlAsync();
        await kubectl.RunAsync("apply -f -", """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: claims-reader}
            rules: [{apiGroups: [ipam.federation.io], resources: [ipclaims], verbs: [get, list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: claims-reader, namespace: default}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: claims-reader}
            subjects: [{kind: User, name: nobody}]
            """);
        var kubeconfig = (await cluster.ServerAsync()).KubeconfigPath;
        await using var hub = await TlsHub.StartAsync(_ => new() { Delegate = kubeconfig });
        using var known = hub.Client(subject: null, token: "none");
        using var unknown = hub.Client(subject: null, token: "made-up");
        using var silent = hub.Client(subject: null);
        using var edge = hub.Client("CN=east");

        Assert.Equal(HttpStatusCode.OK, await TlsHub.GetAsync(known, KindInfo.Of<IPClaim>().Path("default")));
        Assert.Equal(HttpStatusCode.Forbidden, await TlsHub.GetAsync(known, Claims));
        Assert.Equal(HttpStatusCode.Forbidden, await TlsHub.CreateAsync(known, "default"));
        Assert.Equal(HttpStatusCode.Unauthorized, await TlsHub.GetAsync(unknown, Claims));
        Assert.Equal(HttpStatusCode.Unauthorized, await TlsHub.GetAsync(silent, Claims));
        Assert.Equal(HttpStatusCode.Forbidden, await TlsHub.GetAsync(edge, Claims));
    }
}
