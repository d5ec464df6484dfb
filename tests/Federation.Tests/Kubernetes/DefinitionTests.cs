using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Federation.Hub;
using Federation.Kubernetes;
using Federation.Resources;
using Federation.Tests.House;
using Federation.Tests.Hub;

namespace Federation.Tests.Kubernetes;

/// <summary>The definitions in <c>deploy/crds</c>: made of the types, taken by a real API server, and of use there.</summary>
[Collection(KubeApiserver.Shared)]
public sealed partial class DefinitionTests(KubeApiserver server)
{
    /// <summary>Blocks that look right and are not canonical: only the webhook can tell.</summary>
    static readonly string[] OnlyTheWebhookTells = ["'10.0.0.1/24'", "'2001:db8:0::/48'"];

    [Fact]
    public void The_files_are_what_the_types_say()
    {
        var made = DefinitionFiles.All().ToDictionary(static file => $"deploy/crds/{file.Name}", static file => file.Text, StringComparer.Ordinal);
        var there = Repository.Files("*.yaml").Where(static path => path.StartsWith("deploy/crds/", StringComparison.Ordinal) && !path.EndsWith("kustomization.yaml", StringComparison.Ordinal)).ToList();

        Assert.Equal(made.Keys.Order(StringComparer.Ordinal), there);
        Assert.All(made, file => Assert.True(Repository.Read(file.Key) == file.Value, $"{file.Key} is out of date: dotnet run --project hub -- crds --out deploy/crds"));
        Assert.All(made, static file => Assert.InRange(Encoding.UTF8.GetByteCount(file.Value), 1, 1024 * 1024));
    }

    /// <summary>What a server of 2020 does not know yet it leaves out; nothing else may be strange to it.</summary>
    [KubeFact]
    public async Task A_server_takes_them_and_knows_all_but_what_is_newer_than_itself()
    {
        var kubectl = await server.KubectlAsync();
        foreach (var kind in ResourceDefinitions.Kinds)
        {
            var (_, _, complaint) = await kubectl.TryAsync($"apply --dry-run=server -f {FileOf(kind)}", null, null);
            Assert.All(UnknownField().Matches(complaint), static field => Assert.True(field.Groups[1].Value is "x-kubernetes-validations" or "selectableFields", field.Value));
            Assert.Contains("(server dry run)", await kubectl.RunAsync($"apply --validate=false --dry-run=server -f {FileOf(kind)}"), StringComparison.Ordinal);
        }
    }

    [KubeFact]
    public async Task Every_sound_object_is_taken_and_every_wrong_field_refused()
    {
        await ApplyAsync();
        using var connection = await server.ConnectAsync("token");
        foreach (var kind in ResourceDefinitions.Kinds) Assert.Equal(201, await CreateAsync(connection, kind, FieldCorpus.SoundObject(kind).ToJsonString()));

        List<string> taken = [];
        foreach (var bad in FieldCorpus.All().Where(static bad => ResourceDefinitions.Kinds.Any(kind => kind.Name == bad.Kind)))
        {
            if (bad.What is "unknown" || OnlyTheWebhookTells.Contains(bad.What)) continue;
            if (await CreateAsync(connection, ResourceDefinitions.Kinds.Single(kind => kind.Name == bad.Kind), bad.Document) is not (400 or 422)) taken.Add(bad.ToString());
        }

        Assert.Empty(taken);
    }

    [KubeFact]
    public async Task Kubectl_explains_every_field_of_spec_and_status_in_words_and_shows_our_columns()
    {
        await ApplyAsync();
        var kubectl = await server.KubectlAsync();
        foreach (var kind in ResourceDefinitions.Kinds)
        {
            var said = await kubectl.RunAsync($"explain {kind.Plural}");
            Assert.Contains(Words(kind.Description), Words(said), StringComparison.Ordinal);
            foreach (var part in new[] { "spec", "status" }) Assert.DoesNotContain("<no description>", await kubectl.RunAsync($"explain {kind.Plural}.{part}"), StringComparison.Ordinal);
            var (_, headers, empty) = await kubectl.TryAsync($"get {kind.Plural} -A -l made-by=nobody", null, null);
            Assert.Contains("No resources found", headers + empty, StringComparison.Ordinal);
        }

        Assert.Contains("Cannot be changed", await kubectl.RunAsync("explain ipclaim.spec.prefixLength"), StringComparison.Ordinal);
        using var connection = await server.ConnectAsync("token");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(connection.Base, KindInfo.Of<IPClaim>().Path(null)));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=Table;v=v1;g=meta.k8s.io"));
        using var answer = await connection.Http.SendAsync(request).Within();
        var table = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(["Name", .. KindInfo.Of<IPClaim>().Columns.Select(static column => column.Name)], table["columnDefinitions"]!.AsArray().Select(static column => column!["name"]!.GetValue<string>()));
    }

    [KubeFact]
    public async Task What_is_left_out_gets_its_default()
    {
        await ApplyAsync();
        using var connection = await server.ConnectAsync("token");
        var api = new KubernetesRestClient(connection, TimeProvider.System);

        var claim = await api.CreateAsync(new IPClaim { Metadata = new() { Name = "plain" }, Spec = new() { PoolRef = new() { Name = "p" } } }, dryRun: true).Within();
        var pool = await api.CreateAsync(new IPPool { Metadata = new() { Name = "plain" }, Spec = new() { Cidr = Federation.Domain.Addressing.Cidr.Parse("10.0.0.0/8"), Allocation = new(), Leasing = new() } }, dryRun: true).Within();

        Assert.Equal(ReclaimPolicy.Delete, claim.Spec.ReclaimPolicy);
        Assert.Equal((Federation.Domain.Addressing.PlacementStrategy.FirstFit, true), (pool.Spec.Allocation!.Strategy, pool.Spec.Leasing!.Enabled));
    }

    async Task ApplyAsync()
    {
        var kubectl = await server.KubectlAsync();
        await kubectl.RunAsync($"apply --validate=false -k {Path.Combine(Repository.Root, "deploy/crds")}");
        await kubectl.RunAsync("wait --for=condition=Established --timeout=30s " + string.Join(' ', ResourceDefinitions.Kinds.Select(static kind => $"crd/{kind}")));
    }

    static async Task<int> CreateAsync(KubernetesConnection connection, KindInfo kind, string document)
    {
        using var body = new StringContent(document, Encoding.UTF8, "application/json");
        using var answer = await connection.Http.PostAsync(new Uri(connection.Base, kind.Path("default") + "?dryRun=All"), body).Within();
        return (int)answer.StatusCode;
    }

    static string FileOf(KindInfo kind) => Path.Combine(Repository.Root, "deploy", "crds", $"{kind.Plural}.yaml");

    static string Words(string text) => string.Join(' ', text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("unknown field \"([^\"]+)\"")]
    private static partial Regex UnknownField();
}
