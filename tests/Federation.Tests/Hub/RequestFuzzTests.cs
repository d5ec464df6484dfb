using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Tests.Hub;

/// <summary>
/// Requests by chance, from a seed: sound ones with something broken in them. A hub answers each with 2xx or a well-formed
/// 4xx, never fails or hangs, and keeps what it acknowledged. <c>FEDERATION_FUZZ</c> sets how many, <c>FEDERATION_FUZZ_SEED</c>
/// the seed.
/// </summary>
public sealed class RequestFuzzTests
{
    const int InputsUsual = 2_000;
    const int AtOnce = 8;

    static readonly string[] Methods = ["GET", "GET", "POST", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "OPTIONS", "HEAD", "FLY"];
    static readonly string[] Types = ["application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json", "application/apply-patch+yaml", "application/vnd.kubernetes.protobuf", "text/plain", "", "application/json; charset=utf-16"];
    static readonly string[] Queries = ["limit", "continue", "resourceVersion", "resourceVersionMatch", "labelSelector", "fieldSelector", "dryRun", "fieldValidation", "fieldManager", "force", "propagationPolicy", "pretty", "allowWatchBookmarks"];
    static readonly string[] Values = ["", "0", "1", "-1", "5", "99999999999999999999", "All", "Strict", "Ignore", "Exact", "NotOlderThan", "a=b", "a in (b,c)", "a in (", "!a", "metadata.name=x", "spec.poolRef.name=a", "eyJ9", "{}", "\u0000", "%ff", "ümlaut", "'; drop table objects; --", "../..", "true", "Orphan"];
    static readonly string[] Names = ["fuzz-a", "fuzz-b", "hub", "Fuzz", "a..b", "..", "%2e%2e", "status", "fuzz-a/status", "fuzz-a/scale", new('x', 300)];

    [Fact]
    public async Task Whatever_comes_in_a_hub_answers_well_and_loses_nothing()
    {
        var inputs = Number("FEDERATION_FUZZ", InputsUsual);
        var seed = Number("FEDERATION_FUZZ_SEED", 20260);
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("anchor", "10.128.0.0/16");
        List<string> anchors = [];
        for (var i = 0; i < 20; i++) anchors.Add((await hub.ClaimAsync($"anchor-{i}", """{"poolRef":{"name":"anchor"},"prefixLength":28}""")).ToJsonString());

        List<string> bad = [];
        await Parallel.ForEachAsync(Enumerable.Range(0, inputs), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            var request = Draw(new Random(unchecked((seed * 1_000_003) + number)));
            if (await FaultAsync(hub, request) is not { } fault) return;
            lock (bad) bad.Add($"FEDERATION_FUZZ_SEED={seed} input {number}: {fault}\n    {request}");
        });

        Assert.True(bad.Count == 0, $"{bad.Count} of {inputs}:\n{string.Join('\n', bad.Take(10))}");
        for (var i = 0; i < anchors.Count; i++) Assert.Equal(anchors[i], (await hub.ReadAsync(TestHub.ClaimPath($"anchor-{i}"))).ToJsonString());
    }

    static async Task<string?> FaultAsync(TestHub hub, Request request)
    {
        try
        {
            var answer = await hub.SendAsync(request.Method, request.Path, request.Body, request.ContentType, ("Accept", request.Accept), ("If-Match", "x"));
            if ((int)answer.Code is >= 200 and < 300) return null;
            if (request.Method is "HEAD" && (int)answer.Code is >= 400 and < 500) return null;
            if ((int)answer.Code is 504 && answer.Json?["reason"]?.GetValue<string>() is "Timeout") return null; // a resource version that is not there yet
            return (int)answer.Code is >= 400 and < 500 && answer.Json?["kind"]?.GetValue<string>() is "Status" && answer.Json["reason"] is not null ? null : $"answered {(int)answer.Code} {answer.Text}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or TimeoutException or System.Text.Json.JsonException)
        {
            return e.Message;
        }
    }

    static Request Draw(Random random)
    {
        var kind = KindInfo.All[random.Next(KindInfo.All.Count)];
        var path = kind.Path(kind.IsNamespaced && random.Next(4) > 0 ? "fuzz" : null);
        if (random.Next(2) == 0) path += "/" + Pick(random, Names);
        if (random.Next(30) == 0) path = Pick(random, ["/", "/apis", "/api/v1", "/openapi/v2", "/apis/ipam.federation.io", "/apis/ipam.federation.io/v9/ippools", "/nonsense", "/apis//ippools"]);
        var query = string.Join('&', Enumerable.Range(0, random.Next(4)).Select(_ => $"{Pick(random, Queries)}={Uri.EscapeDataString(Pick(random, Values))}"));
        var method = Pick(random, Methods);
        return new(method, query.Length > 0 ? $"{path}?{query}" : path, method is "GET" or "HEAD" ? null : Body(random, kind), Pick(random, Types), random.Next(5) == 0 ? "application/json;as=Table;v=v1;g=meta.k8s.io" : "application/json");
    }

    static byte[]? Body(Random random, KindInfo kind)
    {
        if (random.Next(8) == 0) return null;
        if (random.Next(8) == 0) return Encoding.UTF8.GetBytes(Pick(random, ["[]", "{}", "null", "[{\"op\":\"add\",\"path\":\"/spec/x\",\"value\":1}]", "[{\"op\":\"copy\",\"from\":\"/\",\"path\":\"/metadata\"}]", "[{\"op\":\"remove\",\"path\":\"\"}]", "a: b", "--- \n...", "{\"spec\":null}", "{\"metadata\":{\"finalizers\":[null]}}"]));

        var document = FieldCorpus.SoundObject(kind);
        document["metadata"]!["name"] = Pick(random, Names);
        for (var i = random.Next(3); i > 0; i--) Break(random, document);
        var bytes = Encoding.UTF8.GetBytes(document.ToJsonString());
        for (var i = random.Next(4) == 0 ? random.Next(1, 6) : 0; i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    /// <summary>Puts something else in the place of some value.</summary>
    static void Break(Random random, JsonNode document)
    {
        var part = document;
        while (part is JsonObject { Count: > 0 } fields)
        {
            var (name, value) = fields.ElementAt(random.Next(fields.Count));
            if (value is JsonObject && random.Next(3) > 0)
            {
                part = value;
                continue;
            }

            fields[name] = JsonNode.Parse(Pick(random, ["null", "1", "-1", "1e400", "\"\"", "\"10.0.0.1/8\"", "[]", "{}", "true", "[[[[]]]]", "{\"a\":{\"b\":{}}}", "9223372036854775808", "\"\\u0000\""]));
            return;
        }
    }

    static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    static int Number(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : usual;

    sealed record Request(string Method, string Path, byte[]? Body, string ContentType, string Accept)
    {
        public override string ToString() => $"{Method} {Path} ({ContentType}) {(Body is null ? "" : Encoding.UTF8.GetString(Body))}";
    }
}
