using System.Net;
using Federation.Rpc;
using Google.Protobuf;
using Grpc.Core;

namespace Federation.Tests.Grpc;

public sealed class EndingTests
{
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_call_without_a_deadline_gets_one()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open(deadline: Short);

        var failure = await FailureOf(new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Then = Behaviour.Hang }).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, Assert.IsType<HubFailure.Grpc>(failure).Code);
        await host.Sightings.Cancelled.Within();
    }

    [Fact]
    public async Task A_deadline_of_the_callers_own_stands()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime + Short;

        var failure = await FailureOf(
            new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Then = Behaviour.Hang }, deadline: deadline).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, Assert.IsType<HubFailure.Grpc>(failure).Code);
    }

    [Fact]
    public async Task A_stream_gets_no_deadline()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var call = new Probe.ProbeClient(channel.Invoker).Spread(new ProbeRequest { Then = Behaviour.TellDeadline });

        Assert.True(await call.ResponseStream.MoveNext(Limits.Cancel).Within());

        Assert.Equal("none", call.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task The_server_ends_a_call_at_its_deadline_even_if_the_client_does_not()
    {
        await using var host = await ProbeHost.StartAsync();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = RawCall.To(host.Address, new ProbeRequest { Then = Behaviour.Hang });
        request.Headers.Add("grpc-timeout", "200m");

        using var response = await http.SendAsync(request, Limits.Cancel).Within();

        Assert.Equal("4", await RawCall.StatusOfAsync(response));
        await host.Sightings.Cancelled.Within();
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_at_the_server_and_is_no_failure()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var cancel = new CancellationTokenSource();
        var answer = new Probe.ProbeClient(channel.Invoker)
            .UnaryAsync(new ProbeRequest { Then = Behaviour.Hang }, cancellationToken: cancel.Token).ResponseAsync;

        await host.Sightings.Hanging.Within();
        await cancel.CancelAsync();

        Assert.IsType<HubFailure.Cancelled>(await FailureOf(answer));
        await host.Sightings.Cancelled.Within();
    }

    [Fact]
    public async Task Disposing_a_stream_cancels_it_at_the_server()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        var call = new Probe.ProbeClient(channel.Invoker).Spread(new ProbeRequest { Then = Behaviour.Hang });

        await host.Sightings.Hanging.Within();
        call.Dispose();

        await host.Sightings.Cancelled.Within();
    }

    [Fact]
    public async Task What_a_handler_did_not_mean_to_say_stays_inside_and_is_logged_once()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        var failure = await FailureOf(new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Then = Behaviour.Throw }).ResponseAsync);

        var refusal = Assert.IsType<HubFailure.Grpc>(failure);
        Assert.Equal(StatusCode.Internal, refusal.Code);
        Assert.DoesNotContain("secret", refusal.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("secret", Assert.Single(host.Errors.TakeAll()), StringComparison.Ordinal);
    }

    static async Task<HubFailure?> FailureOf(Task answer) =>
        HubFailure.From(await Assert.ThrowsAnyAsync<Exception>(() => answer.Within()));
}

/// <summary>A call by hand, for what no well-behaved client does.</summary>
static class RawCall
{
    public static HttpRequestMessage To(Uri host, ProbeRequest message)
    {
        byte[] body = [0, 0, 0, 0, (byte)message.CalculateSize(), .. message.ToByteArray()];
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host, "/federation.probe.Probe/Unary"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { { "content-type", "application/grpc" } } },
        };
        request.Headers.Add("te", "trailers");
        return request;
    }

    /// <summary>In the headers when there is nothing else, and in the trailers otherwise.</summary>
    public static async Task<string?> StatusOfAsync(HttpResponseMessage response)
    {
        await response.Content.ReadAsByteArrayAsync(Limits.Cancel).Within();
        return response.Headers.TryGetValues("grpc-status", out var values) || response.TrailingHeaders.TryGetValues("grpc-status", out values)
            ? values.Single()
            : null;
    }
}
