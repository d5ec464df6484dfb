using System.Net;

namespace Federation.Rpc;

/// <summary>
/// Keeps what a proxy in front of the hub really said. The channel by itself folds HTTP statuses into gRPC codes, and
/// a page with status 200 into Cancelled; after that nobody can tell a proxy from the hub.
/// </summary>
sealed class HttpStatusHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (IsGrpc(response)) return response;

        using (response) throw new NotGrpcException(response.StatusCode);
    }

    /// <summary>A gRPC server that has a status to give may give it with any HTTP status.</summary>
    static bool IsGrpc(HttpResponseMessage response) =>
        response.Headers.Contains("grpc-status") || (response.StatusCode is HttpStatusCode.OK && HasGrpcContent(response));

    static bool HasGrpcContent(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType is { } type
        && (type.Equals("application/grpc", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("application/grpc+", StringComparison.OrdinalIgnoreCase));
}
