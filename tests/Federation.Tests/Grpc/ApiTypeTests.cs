using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Federation.Tests.Grpc;

public sealed class ApiTypeTests
{
    [Fact]
    public void Call_options_change_by_copies()
    {
        var headers = new Metadata();
        var before = new CallOptions(headers);

        var after = before.WithDeadline(DateTime.MaxValue).WithWaitForReady();

        Assert.Same(headers, after.Headers);
        Assert.Equal((null, false), (before.Deadline, before.IsWaitForReady));
        Assert.Equal((DateTime.MaxValue, true), (after.Deadline, after.IsWaitForReady));
    }

    [Fact]
    public void A_status_that_nobody_made_is_ok_and_says_nothing() => Assert.Equal(Status.DefaultSuccess, default);

    [Fact]
    public void Either_pair_of_functions_serves_for_the_other()
    {
        var plain = Marshallers.StringMarshaller;
        var contextual = Marshallers.Create(plain.ContextualSerializer, plain.ContextualDeserializer);

        Assert.Equal("größe", contextual.Deserializer(contextual.Serializer("größe")));
    }

    [Fact]
    public void The_first_interceptor_sees_a_call_first()
    {
        List<string> seen = [];
        var invoker = new RefusingInvoker().Intercept(new Recorder("a", seen), new Recorder("b", seen));

        Assert.Throws<NotSupportedException>(() => new Probe.ProbeClient(invoker).Unary(new ProbeRequest()));

        Assert.Equal(["a", "b"], seen);
    }

    [Fact]
    public void Credentials_of_a_call_need_a_secure_channel()
    {
        var credentials = CallCredentials.FromInterceptor((_, _) => Task.CompletedTask);

        Assert.ThrowsAny<ArgumentException>(() => ChannelCredentials.Create(ChannelCredentials.Insecure, credentials));
        Assert.NotNull(ChannelCredentials.Create(ChannelCredentials.SecureSsl, CallCredentials.Compose(credentials, credentials)));
    }

    [Fact]
    public async Task A_call_built_by_hand_answers_what_it_was_given()
    {
        var disposed = false;
        var call = new AsyncUnaryCall<string>(
            Task.FromResult("answer"), Task.FromResult(Metadata.Empty), () => Status.DefaultSuccess, () => Metadata.Empty, () => disposed = true);

        Assert.Equal("answer", await call);
        Assert.Same(Metadata.Empty, await call.ResponseHeadersAsync.Within());
        Assert.Equal(Status.DefaultSuccess, call.GetStatus());
        call.Dispose();
        Assert.True(disposed);
    }

    sealed class Recorder(string name, List<string> seen) : Interceptor
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            seen.Add(name);
            return continuation(request, context);
        }
    }

    sealed class RefusingInvoker : CallInvoker
    {
        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }
}
