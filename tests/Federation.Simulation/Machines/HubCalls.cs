using Federation.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Federation.Simulation;

/// <summary>An edge's calls to the hub over a simulated wire: what is said is bytes, and comes back as other objects.</summary>
sealed class HubCalls(Wire wire, Scheduler scheduler, SimulatedHub hub, SimulatedProcess client, TimeProvider time, string edge, Action<string> surprised) : CallInvoker
{
    static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var said = method.RequestMarshaller.Serializer(request);
        return new(AskAsync(method, said, options.CancellationToken), Task.FromResult(new Metadata()), static () => Status.DefaultSuccess, static () => [], static () => { });
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var said = method.RequestMarshaller.Serializer(request);
        var stream = new WireStream<byte[]>(scheduler, wire, client);
        scheduler.After(wire.Delay(), () => Open(method, said, stream));
        return new(new Reader<TResponse>(stream, method.ResponseMarshaller), Task.FromResult(new Metadata()), static () => Status.DefaultSuccess, static () => [], stream.Leave);
    }

    /// <summary>What is said arrives together: whole, cut short or not at all.</summary>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var said = new Sayings<TRequest>(method.RequestMarshaller);
        var answer = SayAsync(method, said, options.CancellationToken);
        return new(said, answer, Task.FromResult(new Metadata()), static () => Status.DefaultSuccess, static () => [], static () => { });
    }

    Task<TResponse> AskAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, byte[] said, CancellationToken cancel)
        where TRequest : class
        where TResponse : class => AskAsync(method, async () =>
    {
        var serve = hub.Methods.Find<UnaryServerMethod<TRequest, TResponse>>(method);
        return method.ResponseMarshaller.Serializer(await serve(method.RequestMarshaller.Deserializer(said), new Context(method.FullName, edge, CancellationToken.None)));
    }, cancel);

    async Task<TResponse> SayAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, Sayings<TRequest> said, CancellationToken cancel)
        where TRequest : class
        where TResponse : class
    {
        await said.IsComplete.WaitAsync(cancel);
        var arrives = wire.Loss > 0 ? said.All[..scheduler.Random.Next(said.All.Count + 1)] : said.All;
        return await AskAsync(method, async () =>
        {
            var serve = hub.Methods.Find<ClientStreamingServerMethod<TRequest, TResponse>>(method);
            return method.ResponseMarshaller.Serializer(await serve(new Told<TRequest>(arrives, arrives.Count == said.All.Count, method.RequestMarshaller), new Context(method.FullName, edge, CancellationToken.None)));
        }, cancel);
    }

    async Task<TResponse> AskAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, Func<Task<byte[]>> serve, CancellationToken cancel)
        where TRequest : class
        where TResponse : class
    {
        try
        {
            return method.ResponseMarshaller.Deserializer(await wire.AskAsync(client, time, Deadline, () => hub.Process, serve, cancel));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Failure(e);
        }
    }

    void Open<TRequest, TResponse>(Method<TRequest, TResponse> method, byte[] said, WireStream<byte[]> stream)
        where TRequest : class
        where TResponse : class
    {
        if (!wire.CarriesThere() || hub.Process is not { } server)
        {
            stream.Break();
            return;
        }

        server.Died += stream.Break;
        server.Do(async () =>
        {
            try
            {
                var serve = hub.Methods.Find<ServerStreamingServerMethod<TRequest, TResponse>>(method);
                await serve(method.RequestMarshaller.Deserializer(said), new Writer<TResponse>(stream, method.ResponseMarshaller), new Context(method.FullName, edge, stream.Left.Token));
                stream.End(null);
            }
            catch (Exception e)
            {
                if (!stream.Left.IsCancellationRequested) stream.End(e);
            }

            server.Died -= stream.Break;
        });
    }

    /// <summary>As a real channel says it.</summary>
    RpcException Failure(Exception e)
    {
        switch (e)
        {
            case RpcException refused:
                return new RpcException(refused.Status, refused.Trailers);
            case NoAnswerException { IsTimeout: true }:
                return new RpcException(new Status(StatusCode.DeadlineExceeded, ""));
            case NoAnswerException:
                return new RpcException(new Status(StatusCode.Unavailable, "", new HttpRequestException(HttpRequestError.ConnectionError)));
            default:
                if (e is not (ApiServer.ApiException or IOException)) surprised($"a call of the hub failed unexpectedly: {e}");
                return new RpcException(new Status(StatusCode.Internal, ""));
        }
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    sealed class Reader<T>(WireStream<byte[]> stream, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    {
        public T Current => marshaller.Deserializer(stream.Current);

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                return await stream.MoveNextAsync(cancellationToken);
            }
            catch (NoAnswerException)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "", new HttpRequestException(HttpRequestError.ConnectionError)));
            }
            catch (OperationCanceledException)
            {
                throw new RpcException(Status.DefaultCancelled);
            }
        }
    }

    /// <summary>What a client says, one after the other.</summary>
    sealed class Sayings<T>(Marshaller<T> marshaller) : IClientStreamWriter<T>
    {
        readonly TaskCompletionSource complete = new(); // goes on in place: asynchronously would be on a thread of the pool

        public List<byte[]> All { get; } = [];

        public Task IsComplete => complete.Task;

        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message)
        {
            All.Add(marshaller.Serializer(message));
            return Task.CompletedTask;
        }

        public Task WriteAsync(T message, CancellationToken cancellationToken) => WriteAsync(message);

        public Task CompleteAsync()
        {
            complete.TrySetResult();
            return Task.CompletedTask;
        }
    }

    /// <summary>What a server is told; of what was cut short it learns so at the end.</summary>
    sealed class Told<T>(IReadOnlyList<byte[]> all, bool isWhole, Marshaller<T> marshaller) : IAsyncStreamReader<T>
    {
        int next;

        public T Current => marshaller.Deserializer(all[next - 1]);

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (next++ < all.Count) return Task.FromResult(true);
            return isWhole ? Task.FromResult(false) : Task.FromException<bool>(new IOException("the request was cut short"));
        }
    }

    sealed class Writer<T>(WireStream<byte[]> stream, Marshaller<T> marshaller) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions { get; set; }

        public Task WriteAsync(T message)
        {
            stream.Tell(marshaller.Serializer(message));
            return Task.CompletedTask;
        }

        public Task WriteAsync(T message, CancellationToken cancellationToken) => WriteAsync(message);
    }

    /// <summary>What a handler learns of a call: who says it is calling.</summary>
    sealed class Context : ServerCallContext
    {
        readonly string method;
        readonly CancellationToken cancel;

        public Context(string method, string edge, CancellationToken cancel)
        {
            (this.method, this.cancel) = (method, cancel);
            RequestHeadersCore = new() { { EdgeIdentity.MetadataKey, edge } };
            UserState["__HttpContext"] = new DefaultHttpContext();
        }

        protected override string MethodCore => method;

        protected override string HostCore => "hub";

        protected override string PeerCore => "edge";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; }

        protected override CancellationToken CancellationTokenCore => cancel;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();
    }
}
