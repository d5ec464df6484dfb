using Microsoft.Extensions.Logging;

namespace Federation.ApiServer;

/// <summary>Everything the API server says. Event ids are never reused.</summary>
static partial class ApiLog
{
    [LoggerMessage(1001, LogLevel.Error, "Request {Method} {Path} failed unexpectedly")]
    public static partial void RequestFailed(this ILogger log, string method, string path, Exception e);
}
