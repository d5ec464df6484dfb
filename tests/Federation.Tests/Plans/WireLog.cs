using System.Net;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Federation.Tests.Plans;

/// <summary>
/// Writes down, in one order, what an agent asks of its API server and of its hub that changes anything, as it is answered.
/// Reads, and what is about the copy of a root, are left out.
/// </summary>
sealed class WireLog(string mirrored)
{
    readonly string mirrored = mirrored;
    readonly Lock gate = new();
    readonly List<string> lines = [];

    /// <summary>Called after each line.</summary>
    public Action<string>? Answered { get; set; }

    /// <summary>Called with what is asked of the API server, before it is sent on; a code it answers is the answer.</summary>
    public Func<string, Task<HttpStatusCode?>>? Asking { get; set; }

    /// <summary>Request ids of leases that were asked for.</summary>
    public List<string> Requested { get; } = [];

    /// <summary>What was written since the last time.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (gate)
        {
            List<string> taken = [.. lines];
            lines.Clear();
            return taken;
        }
    }

    public HttpMessageHandler Api() => new ApiCalls(this) { InnerHandler = new SocketsHttpHandler() };

    public CallInvoker Hub(CallInvoker invoker) => invoker.Intercept(new HubCalls(this));

    void Add(string line)
    {
        lock (gate) lines.Add(line);
        Answered?.Invoke(line);
    }

    sealed class ApiCalls(WireLog log) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var line = request.Method == HttpMethod.Get ? null : LineOf(request);
            if (line is not null && log.Asking is { } asking && await asking(line) is { } code) return new(code) { Content = new StringContent("{}") };
            var answer = await base.SendAsync(request, cancellationToken);
            if (line is not null) log.Add(answer.IsSuccessStatusCode ? line : $"{line} {(int)answer.StatusCode}");
            return answer;
        }

        /// <summary><c>/apis/GROUP/VERSION/[namespaces/NAMESPACE/]PLURAL/[NAME[/status]]</c>.</summary>
        string? LineOf(HttpRequestMessage request)
        {
            var parts = request.RequestUri!.AbsolutePath.Trim('/').Split('/').Skip(3).ToList();
            if (parts[0] is "namespaces") parts.RemoveRange(0, 2);
            if (parts.Count > 1 && parts[1] == log.mirrored) return null;
            return $"{parts[0]} {(parts is [_, _, "status"] ? "status" : request.Method)}";
        }
    }

    sealed class HubCalls(WireLog log) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            var call = continuation(request, context);
            if (request is Proto.V1.RequestLeaseRequest wish) log.Requested.Add(wish.RequestId);
            if (context.Method.Name is not ("RequestLease" or "ConfirmLease" or "ReleaseLease")) return call;
            return new(NoteAsync(call.ResponseAsync, context.Method.Name), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
        }

        async Task<T> NoteAsync<T>(Task<T> answer, string method)
        {
            await answer.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            log.Add(answer.IsCompletedSuccessfully ? method : $"{method} failed");
            return await answer;
        }
    }
}
