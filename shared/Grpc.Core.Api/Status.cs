using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>The canonical status codes, with their numbers on the wire.</summary>
public enum StatusCode
{
    OK = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>How a call ended: a code, a text for people, and on the client the local exception behind it.</summary>
public readonly struct Status(StatusCode statusCode, string detail, Exception? debugException) : IEquatable<Status>
{
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    readonly string? detail = detail;

    public Status(StatusCode statusCode, string detail) : this(statusCode, detail, debugException: null)
    {
    }

    public StatusCode StatusCode { get; } = statusCode;

    /// <summary>Never null, not even in <c>default(Status)</c>.</summary>
    public string Detail => detail ?? "";

    /// <summary>Known only in the process where it happened; it never travels.</summary>
    public Exception? DebugException { get; } = debugException;

    public static bool operator ==(Status left, Status right) => left.Equals(right);

    public static bool operator !=(Status left, Status right) => !left.Equals(right);

    public bool Equals(Status other) =>
        StatusCode == other.StatusCode && Detail == other.Detail && ReferenceEquals(DebugException, other.DebugException);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Status other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(StatusCode, Detail);

    public override string ToString() => DebugException is null
        ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
        : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}
