using Federation.Resources;
using Microsoft.Extensions.Logging;

namespace Federation.Kubernetes;

/// <summary>Everything the Kubernetes client says, in one place. Event ids are never reused.</summary>
static partial class KubernetesLog
{
    [LoggerMessage(5001, LogLevel.Warning, "The API server refused to say more of {Kind}: {Code} {Reason} {Message}")]
    public static partial void FollowingRefused(this ILogger log, KindInfo kind, int code, string? reason, string? message);

    [LoggerMessage(5002, LogLevel.Warning, "Lost sight of {Kind}; trying again")]
    public static partial void FollowingFailed(this ILogger log, Exception cause, KindInfo kind);

    [LoggerMessage(5003, LogLevel.Warning, "The watch of {Kind} has said nothing for {Limit}; beginning another")]
    public static partial void WatchSilent(this ILogger log, KindInfo kind, TimeSpan limit);

    [LoggerMessage(5004, LogLevel.Warning, "Cannot read {Kind} {Key}: {Problem}")]
    public static partial void Unreadable(this ILogger log, KindInfo kind, ResourceKey key, string problem);

    [LoggerMessage(5005, LogLevel.Information, "{Identity} leads by {Lock}")]
    public static partial void Leading(this ILogger log, string identity, string @lock);

    [LoggerMessage(5006, LogLevel.Warning, "{Identity} has lost {Lock}")]
    public static partial void NoLongerLeading(this ILogger log, string identity, string @lock);

    [LoggerMessage(5007, LogLevel.Warning, "The API server refused {Lock}: {Code} {Reason} {Message}")]
    public static partial void LockRefused(this ILogger log, string @lock, int code, string? reason, string? message);

    [LoggerMessage(5008, LogLevel.Warning, "Cannot reach {Lock}")]
    public static partial void LockOutOfReach(this ILogger log, Exception cause, string @lock);
}
