using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Federation.Resources;

/// <summary>Kubernetes' <c>core/v1 Event</c>: something that happened to an object. Kept for an hour, and never decided upon.</summary>
[Description("Something that happened to an object, for people. It goes after an hour.")]
[Kind("events", KindScope.Namespaced, Group = "", Version = "v1", KindName = "Event", ShortName = "ev", Category = "", IsNumerous = true)]
[Column("Last Seen", ".lastTimestamp", Type = "date")]
[Column("Type", ".type")]
[Column("Reason", ".reason")]
[Column("Object", ".involvedObject", Type = ColumnAttribute.Reference)]
[Column("Message", ".message")]
[Column("Source", ".source.component", Priority = 1)]
[Column("First Seen", ".firstTimestamp", Type = "date", Priority = 1)]
[Column("Count", ".count", Priority = 1)]
[Column("Name", ".metadata.name", Priority = 1)]
[SelectableField("involvedObject.kind")]
[SelectableField("involvedObject.namespace")]
[SelectableField("involvedObject.name")]
[SelectableField("involvedObject.uid")]
[SelectableField("involvedObject.apiVersion")]
[SelectableField("involvedObject.resourceVersion")]
[SelectableField("involvedObject.fieldPath")]
[SelectableField("reason")]
[SelectableField("reportingComponent")]
[SelectableField("source", Path = "source.component")]
[SelectableField("type")]
public sealed record EventObject : Resource, IValidated
{
    const int ReasonMax = 128;

    /// <summary>Characters of a message; a longer one is refused.</summary>
    public const int MessageMax = 1024;


    [Description("The object this event is about.")]
    public ObjectReference? InvolvedObject { get; init; }

    [Description("Why it happened, in one word that programs may read.")]
    public string? Reason { get; init; }

    [Description("What happened, for people.")]
    public string? Message { get; init; }

    [Description("Who noticed it.")]
    public EventSource? Source { get; init; }

    [Description("When it was first noticed.")]
    public DateTimeOffset? FirstTimestamp { get; init; }

    [Description("When it was last noticed.")]
    public DateTimeOffset? LastTimestamp { get; init; }

    [Description("How often it was noticed.")]
    public int? Count { get; init; }

    [Description("Normal or Warning.")]
    public EventType? Type { get; init; }

    [Description("When it was first noticed, to the microsecond.")]
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? EventTime { get; init; }

    [Description("How often it was noticed since, by reporters that count so.")]
    public EventSeries? Series { get; init; }

    [Description("What was done, or failed.")]
    public string? Action { get; init; }

    [Description("A second object this event is about.")]
    public ObjectReference? Related { get; init; }

    [Description("The controller that tells it.")]
    public string? ReportingComponent { get; init; }

    [Description("Which of several of these it is.")]
    public string? ReportingInstance { get; init; }

    public override Resource WithStatusOf(Resource other) => this;

    [JsonIgnore]
    public override object? Intent => null;

    [JsonIgnore]
    public override object? Report => null;

    /// <summary>The latest moment at which this was noticed.</summary>
    public DateTimeOffset? LastSeen() => Series?.LastObservedTime ?? LastTimestamp ?? EventTime ?? Metadata.CreationTimestamp;

    public IEnumerable<FieldError> Validate()
    {
        if (InvolvedObject is null) yield return FieldError.Required("involvedObject", "must be given");
        if (InvolvedObject?.Namespace is { Length: > 0 } ns && ns != Namespace) yield return FieldError.Invalid("involvedObject.namespace", ns, "does not match the event's namespace");
        if (Reason?.Length > ReasonMax) yield return FieldError.TooLong("reason", ReasonMax);
        if (Message?.Length > MessageMax) yield return FieldError.TooLong("message", MessageMax);
    }
}

/// <summary>Whether an event is news or trouble.</summary>
public enum EventType { Unspecified = 0, Normal, Warning }

public sealed record EventSource
{
    [Description("The program.")]
    public string? Component { get; init; }

    [Description("The machine it runs on.")]
    public string? Host { get; init; }
}

public sealed record EventSeries
{
    [Description("How often.")]
    public int? Count { get; init; }

    [Description("When last.")]
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? LastObservedTime { get; init; }
}

/// <summary>Kubernetes' <c>core/v1 ObjectReference</c>.</summary>
public sealed record ObjectReference
{
    [Description("The kind.")]
    public string? Kind { get; init; }

    [Description("The namespace; empty for objects of the cluster.")]
    public string? Namespace { get; init; }

    [Description("The name.")]
    public string? Name { get; init; }

    [Description("The uid.")]
    public string? Uid { get; init; }

    [Description("The version of the API.")]
    public string? ApiVersion { get; init; }

    [Description("The version of the object.")]
    public string? ResourceVersion { get; init; }

    [Description("A part of the object.")]
    public string? FieldPath { get; init; }

    public static ObjectReference To(Resource resource)
    {
        var kind = KindInfo.Of(resource.GetType());
        return new()
        {
            Kind = kind.Name,
            ApiVersion = kind.ApiVersion,
            Namespace = resource.Namespace,
            Name = resource.Name,
            Uid = resource.Metadata.Uid,
            ResourceVersion = resource.Metadata.ResourceVersion,
        };
    }
}
