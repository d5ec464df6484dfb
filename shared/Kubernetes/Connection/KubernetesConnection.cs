namespace Federation.Kubernetes;

/// <summary>How to reach an API server: the one seam under the REST client.</summary>
public sealed partial class KubernetesConnection : IDisposable
{
    /// <summary>Sends requests as whoever we are. Its own timeout must be infinite: watches are long.</summary>
    public required HttpClient Http { get; init; }

    /// <summary>Where the API's paths begin.</summary>
    public required Uri Base { get; init; }

    /// <summary>The namespace of objects that name none.</summary>
    public string DefaultNamespace { get; init; } = "default";

    /// <summary>A server that asks for no credentials, as the one in our own process, or one behind <c>kubectl proxy</c>.</summary>
    public static KubernetesConnection FromUrl(Uri url) => new() { Http = ServerTransport.Open(new ServerAccess { Url = url }), Base = url };

    public void Dispose() => Http.Dispose();
}
