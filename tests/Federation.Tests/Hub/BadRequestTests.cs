using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Federation.Tests.Hub;

/// <summary>Whatever comes in, the answer is a <c>Status</c> with a 4xx code, and the hub serves the next request.</summary>
public sealed class BadRequestTests
{
    const string Pools = "/apis/ipam.federation.io/v1alpha1/ippools";
    const string SoundPool = """{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPPool","metadata":{"name":"after"},"spec":{"cidr":"10.0.0.0/24"}}""";

    public static TheoryData<string, string, int> Bodies() => new()
    {
        { "", "application/json", 400 },
        { "null", "application/json", 400 },
        { "5", "application/json", 422 },
        { "[]", "application/json", 422 },
        { "{", "application/json", 400 },
        { "{\"kind\":\"IPPool\",}", "application/json", 400 },
        { "{\"kind\":\"IPPool\"} trailing", "application/json", 400 },
        { "{\"kind\":\"IPClaim\",\"apiVersion\":\"ipam.federation.io/v1alpha1\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"cidr\":\"10.0.0.0/8\"}}", "application/json", 400 },
        { "{\"kind\":\"IPPool\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"cidr\":\"10.0.0.0/8\"}}", "application/json", 400 },
        { "{\"metadata\":{\"name\":\"a\"},\"metadata\":{\"name\":\"b\"},\"spec\":{\"cidr\":\"10.0.0.0/8\"}}", "application/json", 400 },
        { "{\"metadata\":{\"name\":\"a\"}}", "application/json", 422 },
        { "{\"spec\":{\"cidr\":\"10.0.0.0/8\"}}", "application/json", 422 },
        { "{\"metadata\":null,\"spec\":null}", "application/json", 422 },
        { "\u0000\u0001\u0002", "application/json", 400 },
        { SoundPool, "application/vnd.kubernetes.protobuf", 415 },
        { SoundPool, "application/x-www-form-urlencoded", 415 },
        { SoundPool, "text/plain", 415 },
        { SoundPool, "application/json-patch+json", 415 },
        { "a: [1, 2", "application/yaml", 400 },
        { "a: &a [x]\nb: *missing", "application/yaml", 400 },
        { "metadata: {name: a}\n---\nmetadata: {name: b}", "application/yaml", 400 },
        { "!!binary abc", "application/yaml", 422 },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_is_no_object_is_refused(string body, string contentType, int code)
    {
        await using var hub = await TestHub.StartAsync();

        (await hub.SendAsync("POST", Pools, body, contentType)).IsStatus(code == 422 ? [400, 422] : [code]);

        await ServesAsync(hub);
    }

    [Fact]
    public async Task Documents_made_to_blow_up_are_refused()
    {
        await using var hub = await TestHub.StartAsync();
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++) bomb.AppendLine(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]");

        (await hub.SendAsync("POST", Pools, bomb.ToString(), "application/yaml")).IsStatus(400, 413);
        (await hub.SendAsync("POST", Pools, new string('[', 100_000), "application/json")).IsStatus(400);
        (await hub.SendAsync("POST", Pools, new string('[', 100_000) + new string(']', 100_000), "application/yaml")).IsStatus(400);
        var labels = string.Join(',', Enumerable.Range(0, 200_000).Select(static i => $"\"k{i}\":\"v\""));
        (await hub.SendAsync("POST", Pools, $$"""{"metadata":{"name":"a","labels":{ {{labels}} } },"spec":{"cidr":"10.0.0.0/8"} }""", "application/json")).IsStatus(400, 413, 422);
        (await hub.SendAsync("POST", Pools, $$"""{"metadata":{"name":"a","annotations":{"k":"{{new string('v', 300_000)}}"} },"spec":{"cidr":"10.0.0.0/8"} }""", "application/json")).IsStatus(422);

        await ServesAsync(hub);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_three_mebibytes_is_refused(bool announced)
    {
        await using var hub = await TestHub.StartAsync();
        var body = Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"a","annotations":{"k":"{{new string('v', 3 * 1024 * 1024)}}"} } }""");
        using var content = announced ? (HttpContent)new ByteArrayContent(body) : new StreamContent(new Unsized(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");

        using var answer = await hub.Http.PostAsync(new Uri(Pools, UriKind.Relative), content).Within();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        await ServesAsync(hub);
    }

    [Theory]
    [InlineData("GET", "?limit=-1", 400)]
    [InlineData("GET", "?limit=many", 400)]
    [InlineData("GET", "?continue=nonsense", 400)]
    [InlineData("GET", "?resourceVersion=old", 400)]
    [InlineData("GET", "?resourceVersion=99999999999&resourceVersionMatch=Exact", 504)]
    [InlineData("GET", "?resourceVersionMatch=Exact", 422)]
    [InlineData("GET", "?resourceVersion=1&resourceVersionMatch=Near", 422)]
    [InlineData("GET", "?resourceVersion=0&resourceVersionMatch=Exact", 422)]
    [InlineData("GET", "?sendInitialEvents=true", 422)]
    [InlineData("GET", "?watch=true&sendInitialEvents=true", 422)]
    [InlineData("GET", "?watch=true&resourceVersion=1&resourceVersionMatch=NotOlderThan", 422)]
    [InlineData("GET", "?watch=true&sendInitialEvents=perhaps", 400)]
    [InlineData("GET", "?labelSelector=a in", 400)]
    [InlineData("GET", "?labelSelector==", 400)]
    [InlineData("GET", "?labelSelector=a=b=c", 400)]
    [InlineData("GET", "?fieldSelector=spec.nonsense=a", 400)]
    [InlineData("GET", "?fieldSelector=metadata.name", 400)]
    [InlineData("GET", "?watch=true&resourceVersion=old", 400)]
    [InlineData("GET", "?watch=true&timeoutSeconds=-5", 400)]
    [InlineData("POST", "?dryRun=Some", 400)]
    [InlineData("POST", "?fieldValidation=Sometimes", 400)]
    [InlineData("TRACE", "", 405)]
    [InlineData("POST", "/after", 405)]
    [InlineData("PUT", "", 405)]
    [InlineData("GET", "/after/nonsense", 404)]
    [InlineData("GET", "/../../etc/passwd", 404)]
    [InlineData("GET", "/UPPER", 404)]
    public async Task A_request_that_makes_no_sense_is_refused(string method, string rest, int code)
    {
        await using var hub = await TestHub.StartAsync();

        (await hub.SendAsync(method, Pools + rest, method is "POST" or "PUT" ? SoundPool : null)).IsStatus(code, code == 400 ? 410 : code);

        await ServesAsync(hub);
    }

    [Theory]
    [InlineData("application/merge-patch+json", "[]", 422)]
    [InlineData("application/merge-patch+json", "{", 400)]
    [InlineData("application/merge-patch+json", """{"spec":{"cidr":5}}""", 422)]
    [InlineData("application/merge-patch+json", """{"spec":{"nonsense":5}}""", 400)]
    [InlineData("application/merge-patch+json", """{"metadata":{"name":"other"}}""", 400)]
    [InlineData("application/json-patch+json", "{}", 400)]
    [InlineData("application/json-patch+json", """[{"op":"fly","path":"/spec"}]""", 400)]
    [InlineData("application/json-patch+json", """[{"op":"replace","path":"spec","value":1}]""", 400)]
    [InlineData("application/json-patch+json", """[{"op":"remove","path":"/spec/nothing"}]""", 422)]
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/spec/cidr","value":"10.9.0.0/24"}]""", 422)]
    [InlineData("application/json-patch+json", """[{"op":"add","path":"/spec/reservations/5","value":"10.0.0.0/28"}]""", 422)]
    [InlineData("application/strategic-merge-patch+json", "{}", 415)]
    [InlineData("application/json", "{}", 415)]
    public async Task A_patch_that_cannot_be_applied_is_refused_and_changes_nothing(string contentType, string patch, int code)
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PoolAsync("target", "10.0.0.0/24");
        var before = (await hub.ReadAsync(TestHub.PoolPath("target"))).ToJsonString();

        (await hub.SendAsync("PATCH", TestHub.PoolPath("target"), patch, contentType)).IsStatus(code == 422 ? [400, 422] : [code]);

        Assert.Equal(before, (await hub.ReadAsync(TestHub.PoolPath("target"))).ToJsonString());
    }

    [Fact]
    public async Task Bytes_that_are_no_HTTP_do_no_harm()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var bytes in new[] { "\u0016\u0003\u0001 hello", "GET / HTTP/9.9\r\n\r\n", "POST /apis HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" })
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", hub.Http.BaseAddress!.Port).Within();
            await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(bytes)).AsTask().Within();
        }

        await ServesAsync(hub);
    }

    static async Task ServesAsync(TestHub hub)
    {
        (await hub.SendAsync("POST", Pools, SoundPool)).Created();
        Assert.Equal("Ready", (await hub.ReadAsync($"{Pools}/after"))["status"]!["phase"]!.GetValue<string>());
    }

    /// <summary>A stream that does not tell its length, so that the body goes in chunks.</summary>
    sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
