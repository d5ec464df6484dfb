using Federation.Domain.Conditions;
using Federation.Proto.V1;
using Grpc.Core;

namespace Federation.E2E;

/// <summary>What stands between an edge and its hub.</summary>
enum LineFault { None, Refused, Broken, Cut }

/// <summary>One row of the matrix: what goes wrong, and what is stored of it.</summary>
/// <param name="Name">What goes wrong.</param>
/// <param name="Reason">The reason that is stored.</param>
/// <param name="Text">Part of the message; tells rows of one reason apart.</param>
sealed record TransportFault(string Name, string Reason, string Text)
{
    public LineFault Line { get; init; }

    public GatewayFault? Answer { get; init; }

    /// <summary>The one method it is answered to; null means all.</summary>
    public string? Method { get; init; }

    /// <summary>Whether the hub has decided: the claim is False with the reason, and the hub is connected.</summary>
    public bool IsVerdict { get; init; }

    /// <summary>Whether it takes most of a minute until the agent notices, or asks again.</summary>
    public bool IsSlow => Line is LineFault.Cut || Reason is Reasons.EdgeFenced;

    /// <summary>All that can go wrong while an agent runs. Its address, name and TLS are its own from the start, and have cases of their own.</summary>
    public static IReadOnlyList<TransportFault> All { get; } =
    [
        new("refused socket", Reasons.HubUnreachable, "Cannot connect to hub") { Line = LineFault.Refused },
        new("broken connections", Reasons.HubUnreachable, "Cannot connect to hub") { Line = LineFault.Broken },
        new("black hole", Reasons.GatewayError, "(DeadlineExceeded)") { Line = LineFault.Cut },
        Page(200, Reasons.HubUnreachable, "Unexpected HTTP error from hub (200)"),
        Page(400, Reasons.HubBadRequest, "(400)"),
        Page(401, Reasons.HubAuthFailed, "authentication required (401)"),
        Page(403, Reasons.HubAuthFailed, "authorization failed (403)"),
        Page(404, Reasons.HubNotImplemented, "no hub at this address (404)"),
        Page(418, Reasons.HubUnreachable, "Unexpected HTTP error from hub (418)"),
        Page(429, Reasons.HubThrottled, "(429)"),
        Page(500, Reasons.HubInternalError, "(500)"),
        Page(501, Reasons.HubNotImplemented, "not supported by hub (501)"),
        Page(502, Reasons.GatewayError, "Bad gateway reaching hub (502)"),
        Page(503, Reasons.GatewayError, "Gateway says hub is unavailable (503)"),
        Page(504, Reasons.GatewayError, "Gateway timeout reaching hub (504)"),
        Code(StatusCode.Unavailable, Reasons.GatewayError, "(Unavailable)"),
        Code(StatusCode.DeadlineExceeded, Reasons.GatewayError, "(DeadlineExceeded)"),
        Code(StatusCode.InvalidArgument, Reasons.HubBadRequest, "(InvalidArgument)"),
        Code(StatusCode.Unauthenticated, Reasons.HubAuthFailed, "(Unauthenticated)"),
        Code(StatusCode.PermissionDenied, Reasons.HubAuthFailed, "(PermissionDenied)"),
        Code(StatusCode.Internal, Reasons.HubInternalError, "(Internal)"),
        Code(StatusCode.DataLoss, Reasons.HubInternalError, "(DataLoss)"),
        Code(StatusCode.Unimplemented, Reasons.HubNotImplemented, "(Unimplemented)"),
        Code(StatusCode.ResourceExhausted, Reasons.HubThrottled, "come back later"),
        Code(StatusCode.NotFound, Reasons.HubUnreachable, "Unexpected gRPC error from hub (NotFound)"),
        Code(StatusCode.FailedPrecondition, Reasons.HubUnreachable, "(FailedPrecondition)"),
        Code(StatusCode.AlreadyExists, Reasons.HubUnreachable, "(AlreadyExists)"),
        Code(StatusCode.Unknown, Reasons.HubUnreachable, "(Unknown)"),
        new("another site of the name", Reasons.EdgeFenced, "another") { Answer = new GatewayFault.Refusal(StatusCode.Aborted, ErrorReason.StaleIncarnation, "another installation speaks for edge east") },
        Verdict(StatusCode.OutOfRange, ErrorReason.Unspecified, Reasons.PrefixLengthOutOfBounds, "(OutOfRange)"),
        Verdict(StatusCode.NotFound, ErrorReason.PoolNotFound, Reasons.PoolNotFound, "played"),
        Verdict(StatusCode.ResourceExhausted, ErrorReason.PoolExhausted, Reasons.PoolExhausted, "no available block"),
        Verdict(StatusCode.ResourceExhausted, ErrorReason.QuotaExceeded, Reasons.QuotaExceeded, "played"),
        Verdict(StatusCode.OutOfRange, ErrorReason.PrefixLengthOutOfBounds, Reasons.PrefixLengthOutOfBounds, "played"),
        Verdict(StatusCode.FailedPrecondition, ErrorReason.AddressFamilyMismatch, Reasons.AddressFamilyMismatch, "played"),
        Verdict(StatusCode.FailedPrecondition, ErrorReason.AddressUnavailable, Reasons.AddressUnavailable, "played"),
        Verdict(StatusCode.FailedPrecondition, ErrorReason.EdgeCordoned, Reasons.QuotaExceeded, "played"),
        Verdict(StatusCode.FailedPrecondition, ErrorReason.LeasingDisabled, Reasons.QuotaExceeded, "played"),
        OfCall(StatusCode.FailedPrecondition, ErrorReason.PoolInUse, Reasons.PoolInUse, "played"),
        OfCall(StatusCode.ResourceExhausted, ErrorReason.Throttled, Reasons.HubThrottled, "come back later"),
    ];

    /// <summary>What changes no condition: it is asked again, and that is all.</summary>
    public static IReadOnlyList<GatewayFault> Unnoticed { get; } =
    [
        new GatewayFault.Refusal(StatusCode.Aborted),
        new GatewayFault.Refusal(StatusCode.Cancelled),
    ];

    public override string ToString() => Name;

    static TransportFault Page(int status, string reason, string text) => new($"HTTP {status}", reason, text) { Answer = new GatewayFault.Page(status) };

    static TransportFault Code(StatusCode code, string reason, string text) => new($"gRPC {code}", reason, text) { Answer = new GatewayFault.Refusal(code) };

    static TransportFault Verdict(StatusCode code, ErrorReason detail, string reason, string text) => OfCall(code, detail, reason, text) with { IsVerdict = true };

    static TransportFault OfCall(StatusCode code, ErrorReason detail, string reason, string text) =>
        new($"gRPC {code}, {detail}", reason, text) { Answer = new GatewayFault.Refusal(code, detail), Method = "RequestLease" };
}
