using System.Collections.Frozen;
using Federation.Proto.Google.Rpc;
using Federation.Proto.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Federation.Rpc;

/// <summary>
/// A failed call with its cause, as it travels in <c>grpc-status-details-bin</c>. The hub makes one with
/// <see cref="Create"/>, the edge gets it back with <see cref="Read"/>.
/// </summary>
public sealed record RpcFailure
{
    /// <summary>The trailer that carries the details, by the convention of all gRPC implementations.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>Trailers are headers: some peers refuse more than eight kilobytes of them, and the text goes twice.</summary>
    const int TextMax = 1024;

    static readonly FrozenDictionary<string, string> NoMetadata = FrozenDictionary<string, string>.Empty;

    RpcFailure()
    {
    }

    public required StatusCode Code { get; init; }

    /// <summary>Null when the answer names none, or one of a later version.</summary>
    public ErrorReason? Reason { get; private init; }

    /// <summary>What the reason is about; the keys are documented with it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = NoMetadata;

    /// <summary>How long to wait at least, when the hub said so.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>For people. Nothing decides on it.</summary>
    public required string Message { get; init; }

    public static RpcException Create(
        StatusCode code,
        ErrorReason reason,
        string message,
        IReadOnlyDictionary<string, string>? metadata = null,
        TimeSpan? retryAfter = null)
    {
        var text = message.Length > TextMax ? message[..TextMax] : message;
        var cause = new ErrorInfo { Domain = ErrorReasons.Domain, Reason = reason.WireName };
        foreach (var (key, value) in metadata ?? NoMetadata) cause.Metadata.Add(key, value.Length > TextMax ? value[..TextMax] : value);

        var details = new Proto.Google.Rpc.Status { Code = (int)code, Message = text, Details = { Any.Pack(cause) } };
        if (retryAfter is { } delay) details.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        return new RpcException(new Grpc.Core.Status(code, text), new Metadata { { DetailsTrailer, details.ToByteArray() } });
    }

    /// <summary>Details that are missing, malformed or somebody else's leave the code and the text.</summary>
    public static RpcFailure Read(RpcException exception)
    {
        var failure = new RpcFailure { Code = exception.StatusCode, Message = exception.Status.Detail };
        foreach (var detail in DetailsOf(exception)) failure = failure.With(detail);
        return failure;
    }

    RpcFailure With(Any detail)
    {
        if (TryUnpack(detail, ErrorInfo.Parser) is { Domain: ErrorReasons.Domain } cause)
        {
            return this with { Reason = ErrorReasons.Find(cause.Reason), Metadata = cause.Metadata.ToFrozenDictionary() };
        }

        return TryUnpack(detail, RetryInfo.Parser)?.RetryDelay is { } delay && Within(delay) is { } wait
            ? this with { RetryAfter = wait }
            : this;
    }

    static RepeatedField<Any> DetailsOf(RpcException exception)
    {
        if (exception.Trailers.GetValueBytes(DetailsTrailer) is not { } bytes) return [];
        try
        {
            return Proto.Google.Rpc.Status.Parser.ParseFrom(bytes).Details;
        }
        catch (InvalidProtocolBufferException)
        {
            return [];
        }
    }

    static T? TryUnpack<T>(Any detail, MessageParser<T> parser)
        where T : class, IMessage<T>, new()
    {
        if (Any.GetTypeName(detail.TypeUrl) != new T().Descriptor.FullName) return null;
        try
        {
            return parser.ParseFrom(detail.Value);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>A delay from outside may be negative, unnormalized or longer than a TimeSpan.</summary>
    static TimeSpan? Within(Duration delay) => delay switch
    {
        { Seconds: < 0 or > 86_400 } => null,
        { Nanos: < 0 or > 999_999_999 } => null,
        _ => delay.ToTimeSpan(),
    };
}
