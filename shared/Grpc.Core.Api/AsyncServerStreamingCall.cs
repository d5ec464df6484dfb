namespace Grpc.Core;

/// <summary>One request, a stream of answers.</summary>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    readonly AsyncCallState call;

    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        ResponseStream = responseStream;
        call = new AsyncCallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction);
    }

    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Func<object, Task<Metadata>> responseHeadersAsync,
        Func<object, Status> getStatusFunc,
        Func<object, Metadata> getTrailersFunc,
        Action<object> disposeAction,
        object state)
    {
        ResponseStream = responseStream;
        call = new AsyncCallState(responseHeadersAsync, getStatusFunc, getTrailersFunc, disposeAction, state);
    }

    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    public Task<Metadata> ResponseHeadersAsync => call.ResponseHeadersAsync();

    /// <summary>Known once the call has ended.</summary>
    public Status GetStatus() => call.GetStatus();

    /// <summary>Known once the call has ended.</summary>
    public Metadata GetTrailers() => call.GetTrailers();

    /// <summary>Cancels the call if it is still running.</summary>
    public void Dispose() => call.Dispose();
}
