namespace Federation.Resources;

/// <summary>Kubernetes' <c>metav1.Status</c>: how an API server says what went wrong, or that something is done.</summary>
public sealed record ApiStatus
{
    public string? Kind { get; init; } = "Status";

    public string? ApiVersion { get; init; } = "v1";

    public object? Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Success or Failure.</summary>
    public string? Status { get; init; }

    public string? Message { get; init; }

    /// <summary>One of <see cref="ApiReasons"/>; decisions are made on this and <see cref="Code"/>.</summary>
    public string? Reason { get; init; }

    public ApiStatusDetails? Details { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Code { get; init; }
}

public sealed record ApiStatusDetails
{
    public string? Name { get; init; }

    public string? Group { get; init; }

    public string? Kind { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<ApiStatusCause>? Causes { get; init; }

    public int? RetryAfterSeconds { get; init; }
}

/// <summary>One cause of a failure.</summary>
/// <param name="Reason">Kubernetes' <c>CauseType</c>, as <c>FieldValueInvalid</c>.</param>
/// <param name="Message">For people.</param>
/// <param name="Field">The field, as <c>spec.prefixLength</c>.</param>
public sealed record ApiStatusCause(string? Reason, string? Message, string? Field);

/// <summary>The words of <see cref="ApiStatus.Reason"/>, as Kubernetes has them.</summary>
public static class ApiReasons
{
    public const string BadRequest = "BadRequest";
    public const string Unauthorized = "Unauthorized";
    public const string Forbidden = "Forbidden";
    public const string NotFound = "NotFound";
    public const string AlreadyExists = "AlreadyExists";
    public const string Conflict = "Conflict";
    public const string Gone = "Gone";
    public const string Expired = "Expired";
    public const string Invalid = "Invalid";
    public const string MethodNotAllowed = "MethodNotAllowed";
    public const string NotAcceptable = "NotAcceptable";
    public const string RequestEntityTooLarge = "RequestEntityTooLarge";
    public const string UnsupportedMediaType = "UnsupportedMediaType";
    public const string Timeout = "Timeout";
    public const string TooManyRequests = "TooManyRequests";
    public const string InternalError = "InternalError";
    public const string ServiceUnavailable = "ServiceUnavailable";
}
