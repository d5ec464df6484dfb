using Federation.Proto.Google.Rpc;
using Federation.Proto.V1;
using Federation.Rpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Federation.Tests.Grpc;

public sealed class FailureDetailTests
{
    [Fact]
    public async Task A_cause_arrives_whole()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();

        var exception = await Assert.ThrowsAsync<RpcException>(
            () => new Probe.ProbeClient(channel.Invoker).UnaryAsync(new ProbeRequest { Then = Behaviour.Refuse }).ResponseAsync.Within());

        var failure = Assert.IsType<HubFailure.Grpc>(HubFailure.From(exception)).Failure;
        Assert.Equal(StatusCode.ResourceExhausted, failure.Code);
        Assert.Equal(ErrorReason.PoolExhausted, failure.Reason);
        Assert.Equal("größe", failure.Metadata["pool"]);
        Assert.Equal("24", failure.Metadata["prefix_length"]);
        Assert.Equal(TimeSpan.FromSeconds(1.5), failure.RetryAfter);
        Assert.Equal("no available block of size /24 in pool größe", failure.Message);
    }

    [Fact]
    public async Task A_stream_fails_with_its_cause_after_what_it_sent()
    {
        await using var host = await ProbeHost.StartAsync();
        using var channel = host.Open();
        using var call = new Probe.ProbeClient(channel.Invoker).Spread(new ProbeRequest { Count = 2, Then = Behaviour.Refuse });

        Assert.True(await call.ResponseStream.MoveNext(Limits.Cancel).Within());
        Assert.True(await call.ResponseStream.MoveNext(Limits.Cancel).Within());
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Limits.Cancel).Within());

        Assert.Equal(ErrorReason.PoolExhausted, RpcFailure.Read(exception).Reason);
    }

    [Fact]
    public void Every_reason_has_a_name_of_its_own_on_the_wire()
    {
        var reasons = System.Enum.GetValues<ErrorReason>().Where(reason => reason is not ErrorReason.Unspecified).ToList();

        Assert.All(reasons, reason => Assert.Matches("^[A-Z][A-Z_]*[A-Z]$", reason.WireName));
        Assert.All(reasons, reason => Assert.Equal(reason, ErrorReasons.Find(reason.WireName)));
        Assert.Equal("POOL_EXHAUSTED", ErrorReason.PoolExhausted.WireName);
        Assert.Null(ErrorReasons.Find("UNSPECIFIED"));
    }

    [Fact]
    public void A_text_too_long_for_a_header_is_cut()
    {
        var exception = RpcFailure.Create(StatusCode.NotFound, ErrorReason.PoolNotFound, new string('x', 5000));

        Assert.Equal(1024, RpcFailure.Read(exception).Message.Length);
    }

    [Theory]
    [MemberData(nameof(Strange))]
    public void Details_that_are_not_ours_leave_code_and_text(byte[] details)
    {
        var exception = new RpcException(
            new global::Grpc.Core.Status(StatusCode.NotFound, "text"), new Metadata { { RpcFailure.DetailsTrailer, details } });

        var failure = RpcFailure.Read(exception);

        Assert.Equal((StatusCode.NotFound, "text"), (failure.Code, failure.Message));
        Assert.Null(failure.Reason);
        Assert.Null(failure.RetryAfter);
    }

    public static TheoryData<byte[]> Strange =>
    [
        (byte[])[],
        (byte[])[255, 255, 255],
        Details(new ErrorInfo { Domain = "somebody.else", Reason = "POOL_NOT_FOUND" }),
        Details(new ErrorInfo { Domain = ErrorReasons.Domain, Reason = "OF_A_LATER_VERSION" }),
        Details(new RetryInfo { RetryDelay = new Duration { Seconds = -1 } }),
        Details(new RetryInfo { RetryDelay = new Duration { Seconds = long.MaxValue } }),
        Details(new RetryInfo { RetryDelay = new Duration { Nanos = -5 } }),
        Details(new RetryInfo()),
        new Proto.Google.Rpc.Status { Details = { new Any { TypeUrl = "type.googleapis.com/google.rpc.ErrorInfo", Value = ByteString.CopyFrom(255) } } }.ToByteArray(),
        new Proto.Google.Rpc.Status { Details = { new Any { TypeUrl = "" } } }.ToByteArray(),
    ];

    static byte[] Details(IMessage detail) => new Proto.Google.Rpc.Status { Details = { Any.Pack(detail) } }.ToByteArray();
}
