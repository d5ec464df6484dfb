using Federation.Domain.Conditions;
using Federation.Proto.V1;
using Federation.Rpc;
using Grpc.Core;

namespace Federation.Edge;

/// <summary>How soon to try again.</summary>
public enum RetryPace { Unspecified = 0, AtOnce, Backoff, Slow, WhenCapacityChanges }

/// <summary>A hub failure as a condition says it, and what to do about it.</summary>
/// <param name="IsVerdict">The hub has decided: the wish is answered with this reason, not merely delayed by it.</param>
sealed record HubReason(string Reason, string Message, RetryPace Pace, bool IsVerdict = false, TimeSpan? After = null)
{
    /// <summary>Whether nothing is wrong with the hub: it asks to do it again, or the call was given up. No condition changes for it.</summary>
    public bool ChangesNothing => Reason is Reasons.HubConflict;

    /// <summary>The failure as condition <c>HubConnected</c>.</summary>
    public Finding Finding => new(ConditionTypes.HubConnected, ConditionStatus.False, Reason, Message);
}

/// <summary>The one map from what goes wrong between edge and hub to reasons. Codes, details and types decide; text never.</summary>
static class HubReasons
{
    public static HubReason Of(HubFailure? failure) => failure switch
    {
        null => new(Reasons.HubUnreachable, "Unexpected error talking to the hub", RetryPace.Backoff),
        HubFailure.Cancelled => new(Reasons.HubConflict, "The call was given up", RetryPace.AtOnce),
        HubFailure.NoConnection(var fault) => new(Reasons.HubUnreachable, fault switch
        {
            ConnectionFault.NameResolution => "Cannot connect to hub: its name has no address",
            ConnectionFault.Tls => "Cannot connect to hub: the TLS handshake failed",
            ConnectionFault.Timeout => "Cannot connect to hub: nobody answered in time",
            ConnectionFault.Lost => "Cannot connect to hub: the connection broke",
            _ => "Cannot connect to hub",
        }, RetryPace.Backoff),
        HubFailure.Http(var status) => OfHttp(status),
        HubFailure.Grpc grpc => OfCode(grpc),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    static HubReason OfHttp(int status) => status switch
    {
        400 => new(Reasons.HubBadRequest, "Invalid request to hub (400)", RetryPace.Slow),
        401 => new(Reasons.HubAuthFailed, "Hub authentication required (401)", RetryPace.Slow),
        403 => new(Reasons.HubAuthFailed, "Hub authorization failed (403)", RetryPace.Slow),
        404 => new(Reasons.HubNotImplemented, "There is no hub at this address (404)", RetryPace.Slow),
        429 => new(Reasons.HubThrottled, "Gateway asks to come back later (429)", RetryPace.Backoff),
        500 => new(Reasons.HubInternalError, "Hub internal error (500)", RetryPace.Backoff),
        501 => new(Reasons.HubNotImplemented, "Operation not supported by hub (501)", RetryPace.Slow),
        502 => new(Reasons.GatewayError, "Bad gateway reaching hub (502)", RetryPace.Backoff),
        503 => new(Reasons.GatewayError, "Gateway says hub is unavailable (503)", RetryPace.Backoff),
        504 => new(Reasons.GatewayError, "Gateway timeout reaching hub (504)", RetryPace.Backoff),
        _ => new(Reasons.HubUnreachable, $"Unexpected HTTP error from hub ({status})", RetryPace.Backoff),
    };

    static HubReason OfCode(HubFailure.Grpc failure)
    {
        var (detail, after) = (failure.Failure.Message, failure.Failure.RetryAfter);
        return (failure.Code, failure.Reason) switch
        {
            (_, ErrorReason.PoolNotFound) => new(Reasons.PoolNotFound, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.LeaseNotFound) => new(Reasons.LeaseNotFound, detail, RetryPace.Slow),
            (_, ErrorReason.PoolExhausted) => new(Reasons.PoolExhausted, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.QuotaExceeded) => new(Reasons.QuotaExceeded, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.PrefixLengthOutOfBounds) => new(Reasons.PrefixLengthOutOfBounds, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.AddressFamilyMismatch) => new(Reasons.AddressFamilyMismatch, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.AddressUnavailable) => new(Reasons.AddressUnavailable, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.EdgeCordoned or ErrorReason.LeasingDisabled) => new(Reasons.QuotaExceeded, detail, RetryPace.WhenCapacityChanges, IsVerdict: true),
            (_, ErrorReason.HubRecovering) => new(Reasons.HubRecovering, detail, RetryPace.Slow),
            (_, ErrorReason.LocalCidrConflict) => new(Reasons.LocalCIDRConflict, detail, RetryPace.Slow),
            (_, ErrorReason.BlockContested) => new(Reasons.LeaseConflict, detail, RetryPace.Slow),
            (_, ErrorReason.LeaseNotActive) => new(Reasons.LeaseNotActive, detail, RetryPace.AtOnce),
            (_, ErrorReason.StaleEpoch) => new(Reasons.StaleEpoch, detail, RetryPace.Slow),
            (_, ErrorReason.StaleIncarnation) => new(Reasons.EdgeFenced, detail, RetryPace.Slow),
            (_, ErrorReason.LeaseConflict) => new(Reasons.HubConflict, detail, RetryPace.Slow),
            (_, ErrorReason.EdgeNotRegistered) => new(Reasons.HubConflict, detail, RetryPace.AtOnce),
            (_, ErrorReason.PoolInUse) => new(Reasons.PoolInUse, detail, RetryPace.Slow),
            (StatusCode.OutOfRange, _) => new(Reasons.PrefixLengthOutOfBounds, $"The hub does not lend blocks of this size (OutOfRange): {detail}", RetryPace.WhenCapacityChanges, IsVerdict: true),
            (StatusCode.ResourceExhausted, _) => new(Reasons.HubThrottled, "Hub asks to come back later", RetryPace.Backoff, After: after),
            (StatusCode.Unavailable, _) => new(Reasons.GatewayError, "Hub is unavailable (Unavailable)", RetryPace.Backoff, After: after),
            (StatusCode.DeadlineExceeded, _) => new(Reasons.GatewayError, "Hub did not answer in time (DeadlineExceeded)", RetryPace.Backoff),
            (StatusCode.InvalidArgument, _) => new(Reasons.HubBadRequest, $"Invalid request to hub (InvalidArgument): {detail}", RetryPace.Slow),
            (StatusCode.Unauthenticated, _) => new(Reasons.HubAuthFailed, "Hub authentication required (Unauthenticated)", RetryPace.Slow),
            (StatusCode.PermissionDenied, _) => new(Reasons.HubAuthFailed, "Hub authorization failed (PermissionDenied)", RetryPace.Slow),
            (StatusCode.Internal or StatusCode.DataLoss, _) => new(Reasons.HubInternalError, $"Hub internal error ({failure.Code})", RetryPace.Backoff),
            (StatusCode.Unimplemented, _) => new(Reasons.HubNotImplemented, "Operation not supported by hub (Unimplemented)", RetryPace.Slow),
            (StatusCode.Aborted, _) => new(Reasons.HubConflict, "Hub asks to try again (Aborted)", RetryPace.AtOnce),
            var (code, _) => new(Reasons.HubUnreachable, $"Unexpected gRPC error from hub ({code})", RetryPace.Backoff),
        };
    }
}
