namespace Grpc.Core;

/// <summary>How a channel is connected at the moment.</summary>
public enum ConnectivityState
{
    Idle,
    Connecting,
    Ready,
    TransientFailure,
    Shutdown,
}
