using System.Diagnostics;
using Federation.Telemetry;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Federation.Rpc;

/// <summary>Measures every call of the server, and goes on with the caller's trace.</summary>
sealed class ServedCalls(RpcMetrics metrics, TimeProvider time) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var began = time.GetTimestamp();
        var code = StatusCode.OK;
        using var span = Begin(context);
        try
        {
            return await continuation(request, context);
        }
        catch (Exception e)
        {
            code = RpcMetrics.CodeOf(e);
            throw;
        }
        finally
        {
            metrics.Served(context.Method, code, time.GetElapsedTime(began));
            End(span, code);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var code = StatusCode.OK;
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception e)
        {
            code = RpcMetrics.CodeOf(e);
            throw;
        }
        finally
        {
            metrics.StreamServed(context.Method, code);
        }
    }

    /// <summary>The parent is who called: whatever the transport beneath made of it is recorded by nobody.</summary>
    static Activity? Begin(ServerCallContext context)
    {
        if (!TraceSources.Rpc.HasListeners()) return null;
        var headers = context.GetHttpContext().Request.Headers;
        return Called(TraceContext.Begin(TraceSources.Rpc, RpcMetrics.NameOf(context.Method), ActivityKind.Server, TraceContext.Read(headers.TraceParent, headers.TraceState)));
    }

    static Activity? Called(Activity? span) => span?.SetTag("rpc.system.name", "grpc").SetTag("rpc.method", span.OperationName);

    static void End(Activity? span, StatusCode code)
    {
        span?.SetTag("rpc.response.status_code", RpcMetrics.TextOf(code));
        if (code is StatusCode.Unknown or StatusCode.Internal or StatusCode.DataLoss or StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Unimplemented) span?.SetStatus(ActivityStatusCode.Error);
    }
}
