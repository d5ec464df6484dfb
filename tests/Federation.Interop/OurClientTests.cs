using Federation.Proto.Grpc.Health.V1;
using Federation.Proto.V1;
using Federation.Rpc;
using Federation.Tests.Grpc;
using Google.Protobuf;
using Grpc.Core;
using ServingStatus = Federation.Proto.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Federation.Interop;

/// <summary>Our client calls servers of other implementations, which know nothing but the .proto files.</summary>
public sealed class OurClientTests
{
    static readonly Dictionary<string, Func<HubChannel, Task>> Exchanges = new()
    {
        ["unary"] = UnaryAsync,
        ["client stream"] = ClientStreamAsync,
        ["server stream"] = ServerStreamAsync,
        ["duplex"] = DuplexAsync,
        ["deadline"] = DeadlineAsync,
        ["cancel"] = CancelAsync,
        ["cause"] = CauseAsync,
        ["cause after messages"] = CauseAfterMessagesAsync,
        ["unavailable"] = UnavailableAsync,
        ["unimplemented"] = UnimplementedAsync,
        ["binary metadata"] = BinaryMetadataAsync,
        ["identity"] = IdentityAsync,
        ["big messages"] = BigMessagesAsync,
        ["many at once"] = ManyAtOnceAsync,
        ["health"] = HealthAsync,
    };

    public static TheoryData<string> Names => [.. Exchanges.Keys];

    [PeerTheory("node")]
    [MemberData(nameof(Names))]
    public Task We_call_a_server_in_javascript(string exchange) => CallAsync(Peer.Node, exchange);

    [PeerTheory("python")]
    [MemberData(nameof(Names))]
    public Task We_call_a_server_in_python(string exchange) => CallAsync(Peer.Python, exchange);

    static async Task CallAsync(Peer peer, string exchange)
    {
        await using var server = await TheirServer.StartAsync(peer);
        using var channel = server.Open();
        await Exchanges[exchange](channel).Within();
    }

    static async Task UnaryAsync(HubChannel channel)
    {
        Assert.Equal("grüezi", (await Probe(channel).UnaryAsync(new ProbeRequest { Text = "grüezi" })).Text);
        Assert.Equal(new ProbeReply(), await Probe(channel).UnaryAsync(new ProbeRequest()));
    }

    static async Task ClientStreamAsync(HubChannel channel)
    {
        using var call = Probe(channel).Collect();
        foreach (var text in (string[])["a", "b", "c"]) await call.RequestStream.WriteAsync(new ProbeRequest { Text = text });
        await call.RequestStream.CompleteAsync();

        Assert.Equal("a,b,c", (await call).Text);
    }

    static async Task ServerStreamAsync(HubChannel channel)
    {
        using var call = Probe(channel).Spread(new ProbeRequest { Count = 500 });
        List<int> counts = [];
        await foreach (var reply in call.ResponseStream.ReadAllAsync()) counts.Add(reply.Count);

        Assert.Equal(Enumerable.Range(0, 500), counts);
    }

    static async Task DuplexAsync(HubChannel channel)
    {
        using var call = Probe(channel).Chat();
        for (var i = 0; i < 10; i++)
        {
            await call.RequestStream.WriteAsync(new ProbeRequest { Text = $"{i}" });
            Assert.True(await call.ResponseStream.MoveNext(default));
            Assert.Equal($"{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(default));
    }

    static async Task DeadlineAsync(HubChannel channel)
    {
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(300);
        var failure = await FailureOf(Probe(channel).UnaryAsync(new ProbeRequest { Then = Behaviour.Hang }, deadline: deadline).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, Assert.IsType<HubFailure.Grpc>(failure).Code);
    }

    static async Task CancelAsync(HubChannel channel)
    {
        using var cancel = new CancellationTokenSource();
        using var call = Probe(channel).Spread(new ProbeRequest { Count = 1, Then = Behaviour.Hang }, cancellationToken: cancel.Token);
        Assert.True(await call.ResponseStream.MoveNext(default));
        await cancel.CancelAsync();

        Assert.IsType<HubFailure.Cancelled>(await FailureOf(call.ResponseStream.MoveNext(default)));
    }

    static async Task CauseAsync(HubChannel channel)
    {
        var failure = await FailureOf(Probe(channel).UnaryAsync(new ProbeRequest { Then = Behaviour.Refuse }).ResponseAsync);

        var cause = Assert.IsType<HubFailure.Grpc>(failure).Failure;
        Assert.Equal((StatusCode.ResourceExhausted, ErrorReason.PoolExhausted), (cause.Code, cause.Reason));
        Assert.Equal(("größe", TimeSpan.FromSeconds(2)), (cause.Metadata["pool"], cause.RetryAfter));
        Assert.Equal("no available block of size /24 in pool größe", cause.Message);
    }

    static async Task CauseAfterMessagesAsync(HubChannel channel)
    {
        using var call = Probe(channel).Spread(new ProbeRequest { Count = 2, Then = Behaviour.Refuse });
        Assert.True(await call.ResponseStream.MoveNext(default));
        Assert.True(await call.ResponseStream.MoveNext(default));

        var failure = await FailureOf(call.ResponseStream.MoveNext(default));

        Assert.Equal(ErrorReason.PoolExhausted, Assert.IsType<HubFailure.Grpc>(failure).Reason);
    }

    static async Task UnavailableAsync(HubChannel channel)
    {
        var failure = await FailureOf(Probe(channel).UnaryAsync(new ProbeRequest { Then = Behaviour.Unavailable }).ResponseAsync);

        Assert.Equal(StatusCode.Unavailable, Assert.IsType<HubFailure.Grpc>(failure).Code);
    }

    static async Task UnimplementedAsync(HubChannel channel)
    {
        var failure = await FailureOf(new LeaseService.LeaseServiceClient(channel.Invoker).ListLeasesAsync(new ListLeasesRequest()).ResponseAsync);

        Assert.Equal(StatusCode.Unimplemented, Assert.IsType<HubFailure.Grpc>(failure).Code);
    }

    static async Task BinaryMetadataAsync(HubChannel channel)
    {
        var headers = new Metadata { { "text", "value" }, { "bytes-bin", (byte[])[0, 255, 13, 10] } };
        using var call = Probe(channel).UnaryAsync(new ProbeRequest { Then = Behaviour.EchoMetadata }, headers);

        Assert.Equal(1, (await call).Count);
        Assert.Equal("value", call.GetTrailers().GetValue("text"));
        Assert.Equal([0, 255, 13, 10], call.GetTrailers().GetValueBytes("bytes-bin"));
    }

    static async Task IdentityAsync(HubChannel channel) =>
        Assert.Equal("munich", (await Probe(channel).UnaryAsync(new ProbeRequest { Then = Behaviour.Identify })).Text);

    static async Task BigMessagesAsync(HubChannel channel)
    {
        var payload = ByteString.CopyFrom(new byte[RpcLimits.MessageBytes - 64]);
        Assert.Equal(payload, (await Probe(channel).UnaryAsync(new ProbeRequest { Payload = payload })).Payload);

        var failure = await FailureOf(Probe(channel).UnaryAsync(new ProbeRequest { ReplyBytes = RpcLimits.MessageBytes }).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, Assert.IsType<HubFailure.Grpc>(failure).Code);
    }

    static async Task ManyAtOnceAsync(HubChannel channel)
    {
        var calls = Enumerable.Range(0, 200).Select(i => Probe(channel).UnaryAsync(new ProbeRequest { Text = $"{i}" }).ResponseAsync);

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), (await Task.WhenAll(calls)).Select(reply => reply.Text));
    }

    static async Task HealthAsync(HubChannel channel)
    {
        var health = new Health.HealthClient(channel.Invoker);
        using var watch = health.Watch(new HealthCheckRequest());

        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(ServingStatus.Serving, watch.ResponseStream.Current.Status);
    }

    static Probe.ProbeClient Probe(HubChannel channel) => new(channel.Invoker);

    static async Task<HubFailure?> FailureOf(Task call) => HubFailure.From(await Assert.ThrowsAnyAsync<Exception>(() => call));
}
