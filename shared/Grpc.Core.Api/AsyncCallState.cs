namespace Grpc.Core;

/// <summary>
/// What every kind of running call can be asked, as functions of one state object, so that a transport allocates
/// one object for a call instead of a closure for each question.
/// </summary>
readonly struct AsyncCallState(
    Func<object, Task<Metadata>> responseHeaders,
    Func<object, Status> status,
    Func<object, Metadata> trailers,
    Action<object> dispose,
    object state)
{
    public AsyncCallState(
        Task<Metadata> responseHeaders, Func<Status> status, Func<Metadata> trailers, Action dispose)
        : this(
            static state => ((Plain)state).ResponseHeaders,
            static state => ((Plain)state).Status(),
            static state => ((Plain)state).Trailers(),
            static state => ((Plain)state).Dispose(),
            new Plain(responseHeaders, status, trailers, dispose))
    {
    }

    public Task<Metadata> ResponseHeadersAsync() => responseHeaders(state);

    public Status GetStatus() => status(state);

    public Metadata GetTrailers() => trailers(state);

    public void Dispose() => dispose(state);

    sealed record Plain(Task<Metadata> ResponseHeaders, Func<Status> Status, Func<Metadata> Trailers, Action Dispose);
}
