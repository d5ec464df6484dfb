using Microsoft.Extensions.Logging;

namespace Federation.Rpc;

/// <summary>Everything the wire says, in one place. Event ids are never reused.</summary>
static partial class RpcLog
{
    [LoggerMessage(4001, LogLevel.Error, "Call {Method} failed unexpectedly")]
    public static partial void CallFailed(this ILogger log, string method, Exception exception);
}
