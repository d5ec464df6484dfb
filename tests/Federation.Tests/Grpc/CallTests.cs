using Google.Protobuf;
using Grpc.Core;

namespace Federation.Tests.Grpc;

public sealed class CallTests
{
    [Fact]
    public async Task A_unary_call_is_answered()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        var reply = await new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Text = "grüezi" }).ResponseAsync.Within();

        Assert.Equal("grüezi", reply.Text);
    }

    [Fact]
    public async Task A_call_may_be_made_while_blocking()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        Assert.Equal("a", new Probe.ProbeClient(channel.Invoker).Unary(new ProbeRequest { Text = "a" }).Text);
    }

    [Fact]
    public async Task An_empty_message_is_a_message()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        var reply = await new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest()).ResponseAsync.Within();

        Assert.Equal(new ProbeReply(), reply);
    }

    [Fact]
    public async Task A_stream_of_requests_gets_one_answer()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var call = new Probe.ProbeClient(channel.Invoker).Collect();

        foreach (var text in (string[])["a", "b", "c"]) await call.RequestStream.WriteAsync(new ProbeRequest { Text = text }).Within();
        await call.RequestStream.CompleteAsync().Within();

        Assert.Equal("a,b,c", (await call.ResponseAsync.Within()).Text);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_stream_of_answers_comes_in_order_and_ends()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var call = new Probe.ProbeClient(channel.Invoker).Spread(new ProbeRequest { Count = 500 });

        List<int> counts = [];
        await foreach (var reply in call.ResponseStream.ReadAllAsync(Limits.Cancel)) counts.Add(reply.Count);

        Assert.Equal(Enumerable.Range(0, 500), counts);
    }

    [Fact]
    public async Task Both_sides_may_stream_in_turns()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var call = new Probe.ProbeClient(channel.Invoker).Chat();

        for (var i = 0; i < 20; i++)
        {
            await call.RequestStream.WriteAsync(new ProbeRequest { Text = $"{i}" }).Within();
            Assert.True(await call.ResponseStream.MoveNext(Limits.Cancel).Within());
            Assert.Equal($"{i}", call.ResponseStream.Current.Text);
        }

        await call.RequestStream.CompleteAsync().Within();
        Assert.False(await call.ResponseStream.MoveNext(Limits.Cancel).Within());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task Calls_go_through_beside_150_open_streams(int streamsPerConnection)
    {
        await using var host = await ProbeHost.StartAsync(streamsPerConnection: streamsPerConnection);
        using var channel = host.Open();
        var client = new Probe.ProbeClient(channel.Invoker);
        var chats = Enumerable.Range(0, 150).Select(_ => client.Chat()).ToList();

        foreach (var chat in chats) await chat.RequestStream.WriteAsync(new ProbeRequest { Text = "open" }).Within();
        foreach (var chat in chats) Assert.True(await chat.ResponseStream.MoveNext(Limits.Cancel).Within());
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => client.UnaryAsync(new ProbeRequest { Text = $"{i}" }).ResponseAsync)).Within();

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), replies.Select(reply => reply.Text));
        foreach (var chat in chats) chat.Dispose();
    }

    [Fact]
    public async Task A_message_just_below_the_limit_passes_both_ways()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        var payload = ByteString.CopyFrom(new byte[Rpc.RpcLimits.MessageBytes - 64]);

        var reply = await new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Payload = payload }).ResponseAsync.Within();

        Assert.Equal(payload, reply.Payload);
    }

    [Theory]
    [InlineData(Rpc.RpcLimits.MessageBytes, 0)]
    [InlineData(0, Rpc.RpcLimits.MessageBytes)]
    public async Task A_message_over_the_limit_is_refused(int requestBytes, int replyBytes)
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        var request = new ProbeRequest { Payload = ByteString.CopyFrom(new byte[requestBytes]), ReplyBytes = replyBytes };

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel.Invoker).UnaryAsync(request).ResponseAsync.Within());

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task The_server_refuses_what_a_careless_client_lets_pass()
    {
        await using var host = await ProbeHost.StartAsync();
        using var careless = global::Grpc.Net.Client.GrpcChannel.ForAddress(host.Address, new() { MaxSendMessageSize = null });
        var request = new ProbeRequest { Payload = ByteString.CopyFrom(new byte[Rpc.RpcLimits.MessageBytes + 1]) };

        var failure = await Assert.ThrowsAsync<RpcException>(() => new Probe.ProbeClient(careless).UnaryAsync(request).ResponseAsync.Within());

        Assert.Equal(StatusCode.ResourceExhausted, failure.StatusCode);
    }
}
