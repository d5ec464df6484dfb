namespace Federation.Rpc;

/// <summary>What both sides of the wire hold to.</summary>
public static class RpcLimits
{
    /// <summary>One message, each way.</summary>
    public const int MessageBytes = 4 * 1024 * 1024;

    /// <summary>Watches and calls at once on one connection.</summary>
    public const int StreamsPerConnection = 1000;
}
