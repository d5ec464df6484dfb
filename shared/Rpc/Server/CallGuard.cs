using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace Federation.Rpc;

/// <summary>
/// Stands around every call of the server. What a handler did not mean to say becomes INTERNAL without a word of it,
/// and is logged here, once; and the handler sees metadata that a careless client cannot break.
/// </summary>
sealed class CallGuard(ILogger<CallGuard> log) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, new GuardedCallContext(context));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translated(exception, context);
        }
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(requestStream, new GuardedCallContext(context));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translated(exception, context, readsStream: true);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, new GuardedCallContext(context));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translated(exception, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, new GuardedCallContext(context));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translated(exception, context, readsStream: true);
        }
    }

    /// <summary>
    /// A caller that left is no failure, whatever its leaving made the handler throw. Who reads a stream may learn of it
    /// from the read, before the call's token does.
    /// </summary>
    RpcException Translated(Exception exception, ServerCallContext context, bool readsStream = false)
    {
        if (context.CancellationToken.IsCancellationRequested || (readsStream && exception is IOException)) return new RpcException(Status.DefaultCancelled);

        log.CallFailed(context.Method, exception);
        return new RpcException(new Status(StatusCode.Internal, "The call failed unexpectedly."));
    }
}
