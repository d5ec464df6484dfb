using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>An API server refused. Decide on the predicates, which look at code and reason, never on the text.</summary>
public sealed class KubernetesApiException(int code, ApiStatus status, TimeSpan? retryAfter = null)
    : Exception($"The API server answered {code} {status.Reason}: {status.Message}")
{
    /// <summary>A failure that the server described, as in a watch.</summary>
    public KubernetesApiException(ApiStatus status)
        : this(status.Code ?? 500, status)
    {
    }

    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;

    public ApiStatus Status { get; } = status;

    /// <summary>How long the server asks to wait before another try; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter ?? (status.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>There is no such object, or no such kind. A 404 of anyone but an API server does not count.</summary>
    public bool IsNotFound => Code == 404 && Status.Reason == ApiReasons.NotFound;

    /// <summary>The object is not at the version or of the uid that the request named.</summary>
    public bool IsConflict => Code == 409 && Status.Reason == ApiReasons.Conflict;

    public bool IsAlreadyExists => Code == 409 && Status.Reason == ApiReasons.AlreadyExists;

    /// <summary>The resource version or the continue token is too old: list again.</summary>
    public bool IsGone => Code == 410 || Status.Reason is ApiReasons.Gone or ApiReasons.Expired;

    /// <summary>The object breaks its kind's rules; the causes say where.</summary>
    public bool IsInvalid => Code == 422 && Status.Reason == ApiReasons.Invalid;

    public bool IsTooManyRequests => Code == 429 || Status.Reason == ApiReasons.TooManyRequests;
}
