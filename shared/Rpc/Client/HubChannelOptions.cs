namespace Federation.Rpc;

/// <summary>How an edge reaches its hub.</summary>
public sealed record HubChannelOptions
{
    /// <summary>With the scheme http for plain text on a trusted link, and https otherwise.</summary>
    public required Uri Address { get; init; }

    /// <summary>Said in the metadata, for hubs that take an edge's word for who it is. Certificates need no word.</summary>
    public string? EdgeName { get; init; }

    /// <summary>PEM file with the roots to trust in place of the system's.</summary>
    public string? AuthorityPath { get; init; }

    /// <summary>PEM file with the client certificate (and its chain). Read again for each connection, as it is renewed.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file with the client certificate's key.</summary>
    public string? KeyPath { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a unary call may take that names no deadline of its own.</summary>
    public TimeSpan DefaultDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection with a stream on it and no traffic is asked for a sign of life after this long.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
