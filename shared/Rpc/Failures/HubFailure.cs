using System.Net.Sockets;
using System.Security.Authentication;
using Federation.Proto.V1;
using Grpc.Core;

namespace Federation.Rpc;

/// <summary>What stood between the caller and an answer of the hub. Known from codes, details and types. Closed.</summary>
public abstract record HubFailure
{
    // Of HTTP/2, RFC 9113 section 7. Without an error, a connection is closed because its server goes away.
    const long NoError = 0x0;
    const long ProtocolError = 0x1;
    const long Http11Required = 0xd;

    HubFailure()
    {
    }

    /// <summary>No hub was reached, or the connection to it broke.</summary>
    public sealed record NoConnection(ConnectionFault Fault) : HubFailure;

    /// <summary>Something that does not speak gRPC answered, with this HTTP status (which may be 200).</summary>
    public sealed record Http(int Status) : HubFailure;

    /// <summary>The hub refused, or the call ran out of time (<see cref="StatusCode.DeadlineExceeded"/>).</summary>
    public sealed record Grpc(RpcFailure Failure) : HubFailure
    {
        public StatusCode Code => Failure.Code;

        public ErrorReason? Reason => Failure.Reason;
    }

    /// <summary>The caller, or the hub, gave the call up. Nothing is known and nothing is wrong.</summary>
    public sealed record Cancelled : HubFailure;

    /// <summary>Null when the exception says nothing about the hub.</summary>
    public static HubFailure? From(Exception exception) => exception switch
    {
        RpcException rpc => From(rpc),
        OperationCanceledException => new Cancelled(),
        HttpRequestException or SocketException or AuthenticationException => FromTransport(exception),
        _ => null,
    };

    static HubFailure From(RpcException exception)
    {
        if (exception.StatusCode is StatusCode.DeadlineExceeded) return new Grpc(RpcFailure.Read(exception));
        if (exception.Status.DebugException is { } cause && FromTransport(cause) is { } failure) return failure;
        return exception.StatusCode is StatusCode.Cancelled ? new Cancelled() : new Grpc(RpcFailure.Read(exception));
    }

    /// <summary>The innermost cause that says something is the most particular one.</summary>
    static HubFailure? FromTransport(Exception outermost)
    {
        HubFailure? found = null;
        for (var exception = outermost; exception is not null; exception = exception.InnerException)
        {
            if (exception is NotGrpcException answer) return new Http(answer.HttpStatus);
            if (FaultOf(exception) is { } fault) found = new NoConnection(fault);
        }

        return found;
    }

    static ConnectionFault? FaultOf(Exception exception) => exception switch
    {
        AuthenticationException => ConnectionFault.Tls,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
            ConnectionFault.NameResolution,
        SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown } =>
            ConnectionFault.Lost,
        SocketException => ConnectionFault.Socket,
        TimeoutException => ConnectionFault.Timeout,
        HttpProtocolException { ErrorCode: NoError } => ConnectionFault.Lost,
        HttpProtocolException { ErrorCode: ProtocolError or Http11Required } => ConnectionFault.Protocol,
        HttpProtocolException => null, // the hub reset the call: the status says what that means
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => ConnectionFault.Lost,
        HttpRequestException { HttpRequestError: var error } => FaultOf(error),
        _ => null,
    };

    static ConnectionFault? FaultOf(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => ConnectionFault.NameResolution,
        HttpRequestError.SecureConnectionError => ConnectionFault.Tls,
        HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => ConnectionFault.Socket,
        HttpRequestError.ResponseEnded => ConnectionFault.Lost,
        HttpRequestError.VersionNegotiationError or HttpRequestError.InvalidResponse => ConnectionFault.Protocol,
        _ => null,
    };
}

/// <summary>How far a connection to the hub came.</summary>
public enum ConnectionFault
{
    Unspecified = 0,

    /// <summary>The name has no address.</summary>
    NameResolution,

    /// <summary>Nobody listens there, or the network does not lead there.</summary>
    Socket,

    /// <summary>Nobody answered in time.</summary>
    Timeout,

    /// <summary>The handshake failed, or one side does not trust the other.</summary>
    Tls,

    /// <summary>What listens there does not speak HTTP/2.</summary>
    Protocol,

    /// <summary>The connection broke while the call ran: it may have happened, or not.</summary>
    Lost,
}
