using System.Net;

namespace Federation.Rpc;

/// <summary>An answer that is not gRPC's, by its HTTP status or its content type.</summary>
sealed class NotGrpcException(HttpStatusCode status)
    : HttpRequestException($"The answer is not gRPC: HTTP {(int)status}.", inner: null, status)
{
    public int HttpStatus { get; } = (int)status;
}
