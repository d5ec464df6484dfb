using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Federation.Rpc;

/// <summary>The HTTP server below it.</summary>
public static class FederationKestrel
{
    extension(KestrelServerOptions kestrel)
    {
        /// <summary>
        /// Room for long streams, and pings to notice those that are dead. The minimal rate of request bodies is lifted
        /// for gRPC calls by the transport, one by one; for all else it stays.
        /// </summary>
        public KestrelServerOptions UseFederationLimits()
        {
            var http2 = kestrel.Limits.Http2;
            http2.MaxStreamsPerConnection = RpcLimits.StreamsPerConnection;
            http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
            http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
            return kestrel;
        }
    }
}
