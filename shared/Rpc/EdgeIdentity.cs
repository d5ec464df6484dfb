using System.Security.Cryptography.X509Certificates;
using Grpc.Core;

namespace Federation.Rpc;

/// <summary>Who is calling.</summary>
public static class EdgeIdentity
{
    /// <summary>Where an edge says its name on a plain-text link.</summary>
    public const string MetadataKey = "federation-edge";

    /// <summary>
    /// The name in the client certificate. Without one, what the metadata says, if <paramref name="trustMetadata"/>.
    /// Null when the caller is nobody.
    /// </summary>
    public static string? Of(ServerCallContext context, bool trustMetadata)
    {
        if (context.GetHttpContext().Connection.ClientCertificate is { } certificate)
        {
            return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } name ? name : null;
        }

        return trustMetadata && context.RequestHeaders.GetValue(MetadataKey) is { Length: > 0 } said ? said : null;
    }
}
