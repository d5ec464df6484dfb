using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>A request that is answered with a failure <see cref="ApiStatus"/>.</summary>
public sealed class ApiException(ApiStatus status) : Exception(status.Message)
{
    public ApiStatus Status { get; } = status;
}

/// <summary>The failures of the API, as Kubernetes words them.</summary>
public static class ApiErrors
{
    const int RetryAfterSeconds = 1;

    public static ApiException BadRequest(string message, IEnumerable<FieldError>? errors = null) =>
        Failure(400, ApiReasons.BadRequest, message, errors is null ? null : new ApiStatusDetails { Causes = Causes(errors) });

    public static ApiException Forbidden(KindInfo kind, string name, string why) =>
        Failure(403, ApiReasons.Forbidden, $"{kind} \"{name}\" is forbidden: {why}", Of(kind, name));

    public static ApiException NotFound(KindInfo kind, string name) =>
        Failure(404, ApiReasons.NotFound, $"{kind} \"{name}\" not found", Of(kind, name));

    public static ApiException NoSuchPath() => Failure(404, ApiReasons.NotFound, "the server could not find the requested resource", null);

    public static ApiException MethodNotAllowed(string method) =>
        Failure(405, ApiReasons.MethodNotAllowed, $"the server does not allow {method} on the requested resource", null);

    public static ApiException NotAcceptable(string offered) =>
        Failure(406, ApiReasons.NotAcceptable, $"only the following media types are accepted: {offered}", null);

    public static ApiException AlreadyExists(KindInfo kind, string name) =>
        Failure(409, ApiReasons.AlreadyExists, $"{kind} \"{name}\" already exists", Of(kind, name));

    public static ApiException Conflict(KindInfo kind, string name, string why, IEnumerable<ApiStatusCause>? causes = null) =>
        Failure(409, ApiReasons.Conflict, $"Operation cannot be fulfilled on {kind} \"{name}\": {why}", Of(kind, name) with { Causes = causes?.ToList() });

    public static ApiException Modified(KindInfo kind, string name) =>
        Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Expired(string message) => Failure(410, ApiReasons.Expired, message, null);

    public static ApiException TooLarge(long limit) =>
        Failure(413, ApiReasons.RequestEntityTooLarge, $"the request is larger than the limit of {limit} bytes", null);

    public static ApiException UnsupportedMediaType(string given, string accepted) =>
        Failure(415, ApiReasons.UnsupportedMediaType, $"the body of the request was in an unknown format \"{given}\"; accepted media types: {accepted}", null);

    public static ApiException Invalid(KindInfo kind, string name, IReadOnlyCollection<FieldError> errors)
    {
        var texts = errors.Take(16).Select(static error => $"{error.Field}: {error.Message}").ToList();
        var list = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return Failure(422, ApiReasons.Invalid, $"{(kind.Group.Length == 0 ? kind.Name : $"{kind.Name}.{kind.Group}")} \"{name}\" is invalid: {list}", Of(kind, name) with { Kind = kind.Name, Causes = Causes(errors) });
    }

    /// <summary>An option of a list or a watch that does not go with the others.</summary>
    public static ApiException InvalidOptions(FieldError error) => InvalidOptions("ListOptions", error);

    /// <summary>An option of a write that is wrong, or does not go with the others.</summary>
    public static ApiException InvalidWrite(FieldError error) => InvalidOptions("PatchOptions", error);

    /// <summary>Others own what an apply would change.</summary>
    /// <param name="conflicts">Each the owner, as it is named, and the path of a field.</param>
    public static ApiException ApplyConflict(IReadOnlyList<(string Owner, string Path)> conflicts) => Failure(409, ApiReasons.Conflict, ConflictText(conflicts),
        new ApiStatusDetails { Causes = [.. conflicts.Select(static conflict => new ApiStatusCause("FieldManagerConflict", $"conflict with {conflict.Owner}", conflict.Path))] });

    /// <summary>A version that is not there yet: to be asked again, or without it.</summary>
    public static ApiException TooLargeVersion(long wanted, long current) => Failure(504, ApiReasons.Timeout, $"Timeout: Too large resource version: {wanted}, current: {current}",
        new ApiStatusDetails { Causes = [new ApiStatusCause("ResourceVersionTooLarge", "Too large resource version", null)], RetryAfterSeconds = RetryAfterSeconds });

    public static ApiException TooManyRequests() => Failure(429, ApiReasons.TooManyRequests,
        "too many requests are waiting; try again later", new ApiStatusDetails { RetryAfterSeconds = RetryAfterSeconds });

    public static ApiException Internal() => Failure(500, ApiReasons.InternalError, "internal error", null);

    /// <summary>Nothing was done, and later or elsewhere it can be.</summary>
    public static ApiException NotReady(string message) => Failure(503, ApiReasons.ServiceUnavailable, message, new ApiStatusDetails { RetryAfterSeconds = RetryAfterSeconds });

    public static ApiException Unavailable(string message) => Failure(503, ApiReasons.ServiceUnavailable, message, null);

    static ApiException InvalidOptions(string kind, FieldError error) => Failure(422, ApiReasons.Invalid, $"{kind}.meta.k8s.io \"\" is invalid: {error.Field}: {error.Message}",
        new ApiStatusDetails { Group = "meta.k8s.io", Kind = kind, Causes = Causes([error]) });

    static string ConflictText(IReadOnlyList<(string Owner, string Path)> conflicts) => conflicts is [var (owner, path)]
        ? $"Apply failed with 1 conflict: conflict with {owner}: {path}"
        : $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', conflicts.GroupBy(static conflict => conflict.Owner).Select(static group => $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(static conflict => $"- {conflict.Path}"))}"))}";

    static ApiStatusDetails Of(KindInfo kind, string name) => new() { Name = name, Group = kind.Group, Kind = kind.Plural };

    static List<ApiStatusCause> Causes(IEnumerable<FieldError> errors) =>
        [.. errors.Select(static error => new ApiStatusCause(error.Cause, error.Message, error.Field))];

    static ApiException Failure(int code, string reason, string message, ApiStatusDetails? details) =>
        new(new ApiStatus { Status = "Failure", Code = code, Reason = reason, Message = message, Details = details });
}
