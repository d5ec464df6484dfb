using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Tests.Hub;

/// <summary>Whatever is wrong with a field, the answer names it; nothing is stored, and the hub goes on.</summary>
public sealed class BadFieldTests
{
    [Fact]
    public async Task Every_wrong_field_of_every_kind_is_refused_by_name()
    {
        await using var hub = await TestHub.StartAsync();
        List<string> wrong = [];
        var tried = 0;
        foreach (var bad in FieldCorpus.All())
        {
            var answer = await hub.CreateAsync(bad.Document);
            tried++;
            if ((int)answer.Code is not (400 or 422)) wrong.Add($"{bad}: answered {(int)answer.Code} {answer.Text}");
            else if (!answer.IsStatus(400, 422).Causes.Any(cause => Names(cause.Field, bad.Field))) wrong.Add($"{bad}: causes name [{string.Join(", ", answer.Causes)}] of {answer.Json!["message"]}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {tried}:\n{string.Join('\n', wrong.Take(40))}");
        Assert.True(tried > 300, $"only {tried} documents were tried");
        await NothingIsStoredAsync(hub);
    }

    [Fact]
    public async Task What_may_never_change_is_refused_by_name()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var kind in new[] { "IPPool", "IPClaim", "IPPoolClaim" }) (await hub.CreateAsync(FieldCorpus.SoundObject(KindInfo.All.Single(info => info.Name == kind)).ToJsonString())).Created();

        foreach (var (kind, field, other) in FieldCorpus.Immutable().Where(static change => change.Kind.Name is "IPPool" or "IPClaim" or "IPPoolClaim"))
        {
            var path = $"{kind.Path(kind.IsNamespaced ? "default" : null)}/sound";
            var before = (await hub.ReadAsync(path)).ToJsonString();

            var spec = new JsonObject { [field] = other.DeepClone() };
            if (field is "cidr" or "ipFamily") spec["prefixLength"] = null;

            var answer = await hub.SendAsync("PATCH", path, new JsonObject { ["spec"] = spec }, "application/merge-patch+json");

            Assert.Contains(answer.IsStatus(422).Causes, cause => Names(cause.Field, $"spec.{field}"));
            Assert.Equal(before, (await hub.ReadAsync(path)).ToJsonString());
        }
    }

    [Theory]
    [InlineData("IPClaim", """{"poolRef":{"name":"a"},"poolSelector":{"matchLabels":{"a":"b"}}}""", "spec.poolSelector")]
    [InlineData("IPClaim", """{}""", "spec.poolRef")]
    [InlineData("IPClaim", """{"poolRef":{"name":"a"},"ipFamily":"IPv4","cidr":"2001:db8::/64"}""", "spec.ipFamily")]
    [InlineData("IPClaim", """{"poolRef":{"name":"a"},"prefixLength":24,"cidr":"10.0.0.0/28"}""", "spec.prefixLength")]
    [InlineData("IPClaim", """{"poolRef":{"name":"a"},"ipFamily":"IPv4","prefixLength":64}""", "spec.prefixLength")]
    [InlineData("IPPoolClaim", """{"parentPoolRef":{"name":"a"},"parentPoolSelector":{"matchLabels":{"a":"b"}}}""", "spec.parentPoolSelector")]
    [InlineData("IPPoolClaim", """{}""", "spec.parentPoolRef")]
    [InlineData("IPPool", """{"cidr":"10.0.0.0/8","ipFamily":"IPv6"}""", "spec.ipFamily")]
    [InlineData("IPPool", """{"cidr":"10.0.0.0/24","reservations":["10.0.1.0/28"]}""", "spec.reservations[0]")]
    [InlineData("IPPool", """{"cidr":"10.0.0.0/24","reservations":["10.0.0.0/28","10.0.0.8/29"]}""", "spec.reservations[1]")]
    [InlineData("IPPool", """{"cidr":"10.0.0.0/24","allocation":{"minPrefixLength":28,"maxPrefixLength":26}}""", "spec.allocation.minPrefixLength")]
    [InlineData("IPPool", """{"cidr":"10.0.0.0/24","allocation":{"minPrefixLength":16}}""", "spec.allocation.minPrefixLength")]
    [InlineData("IPPool", """{"cidr":"10.0.0.0/24","leasing":{"maxPrefixLength":26,"defaultPrefixLength":28}}""", "spec.leasing.defaultPrefixLength")]
    [InlineData("IPPool", """{"parentPoolRef":{"name":"a"}}""", "spec.prefixLength")]
    [InlineData("IPPool", """{"parentPoolRef":{"name":"a"},"prefixLength":28,"leasing":{"enabled":true}}""", "spec.leasing")]
    [InlineData("IPPool", """{"prefixLength":28}""", "spec.cidr")]
    public async Task What_does_not_go_together_is_refused_by_name(string kind, string spec, string field)
    {
        await using var hub = await TestHub.StartAsync();

        var answer = await hub.CreateAsync($$"""{"kind":"{{kind}}","metadata":{"name":"odd"},"spec":{{spec}} }""");

        Assert.Contains(answer.IsStatus(422).Causes, cause => Names(cause.Field, field));
        await NothingIsStoredAsync(hub);
    }

    [Theory]
    [InlineData("""{"name":"Upper"}""", "metadata.name")]
    [InlineData("""{"name":"under_score"}""", "metadata.name")]
    [InlineData("""{"name":"-dash"}""", "metadata.name")]
    [InlineData("""{"name":"a/b"}""", "metadata.name")]
    [InlineData("""{"name":""}""", "metadata.name")]
    [InlineData("""{}""", "metadata.name")]
    [InlineData("""{"name":"toolongtoolongtoolongtoolongtoolongtoolongtoolongtoolongtoolong1"}""", "metadata.name")]
    [InlineData("""{"name":"a","labels":{"bad key":"x"}}""", "metadata.labels")]
    [InlineData("""{"name":"a","labels":{"key":"bad value!"}}""", "metadata.labels")]
    [InlineData("""{"name":"a","labels":{"key":5}}""", "metadata.labels")]
    [InlineData("""{"name":"a","finalizers":["bad finalizer!"]}""", "metadata.finalizers")]
    [InlineData("""{"name":"a","annotations":{"bad key":"x"}}""", "metadata.annotations")]
    [InlineData("""{"name":5}""", "metadata.name")]
    [InlineData("""{"name":"a","generateName":"B_"}""", "metadata.generateName")]
    public async Task Bad_metadata_is_refused_by_name(string metadata, string field)
    {
        await using var hub = await TestHub.StartAsync();

        var answer = await hub.CreateAsync($$"""{"kind":"IPPool","metadata":{{metadata}},"spec":{"cidr":"10.0.0.0/24"} }""");

        Assert.Contains(answer.IsStatus(400, 422).Causes, cause => cause.Field.StartsWith(field, StringComparison.Ordinal));
        await NothingIsStoredAsync(hub);
    }

    static bool Names(string cause, string field) => cause == field || cause.StartsWith($"{field}[", StringComparison.Ordinal) || cause.StartsWith($"{field}.", StringComparison.Ordinal);

    static async Task NothingIsStoredAsync(TestHub hub)
    {
        foreach (var kind in KindInfo.All.Where(static kind => kind.Name is not "Federation")) Assert.Empty((await hub.ReadAsync(kind.Path(null)))["items"]!.AsArray());
    }
}
