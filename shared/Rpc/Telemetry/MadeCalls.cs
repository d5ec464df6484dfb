using System.Diagnostics;
using Federation.Telemetry;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Federation.Rpc;

/// <summary>Measures every call to the hub, and tells the hub what trace it belongs to.</summary>
sealed class MadeCalls(RpcMetrics metrics, TimeProvider time) : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var began = time.GetTimestamp();
        var around = Activity.Current;
        var span = TraceSources.Rpc.StartActivity(RpcMetrics.NameOf(context.Method.FullName), ActivityKind.Client);
        span?.SetTag("rpc.system.name", "grpc").SetTag("rpc.method", span.OperationName);
        var call = continuation(request, Told(context, span ?? around));
        Activity.Current = around; // the span is the call's, not the caller's
        return new(AnswerAsync(call.ResponseAsync, context.Method.FullName, span, began), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, Told(context, Activity.Current));
        return new(new Heard<TResponse>(call.ResponseStream, code => metrics.StreamCalled(context.Method.FullName, code)), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    async Task<TResponse> AnswerAsync<TResponse>(Task<TResponse> answer, string method, Activity? span, long began)
    {
        var code = StatusCode.OK;
        try
        {
            return await answer;
        }
        catch (Exception e)
        {
            code = RpcMetrics.CodeOf(e);
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            metrics.Called(method, code, time.GetElapsedTime(began));
            span?.SetTag("rpc.response.status_code", RpcMetrics.TextOf(code)).Dispose();
        }
    }

    /// <summary>A caller's headers are the caller's: they are added to in a copy.</summary>
    static ClientInterceptorContext<TRequest, TResponse> Told<TRequest, TResponse>(ClientInterceptorContext<TRequest, TResponse> context, Activity? span)
        where TRequest : class
        where TResponse : class
    {
        if (span is null) return context;
        var headers = new Metadata();
        foreach (var entry in context.Options.Headers ?? []) headers.Add(entry);
        foreach (var (name, value) in TraceContext.Headers(span)) headers.Add(name, value);
        return new(context.Method, context.Host, context.Options.WithHeaders(headers));
    }

    /// <summary>A stream of answers, of which the end is noted, once.</summary>
    sealed class Heard<T>(IAsyncStreamReader<T> inner, Action<StatusCode> ended) : IAsyncStreamReader<T>
    {
        bool hasEnded;

        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            try
            {
                var more = await inner.MoveNext(cancellationToken);
                if (!more) End(StatusCode.OK);
                return more;
            }
            catch (Exception e)
            {
                End(RpcMetrics.CodeOf(e));
                throw;
            }
        }

        void End(StatusCode code)
        {
            if (hasEnded) return;
            hasEnded = true;
            ended(code);
        }
    }
}
