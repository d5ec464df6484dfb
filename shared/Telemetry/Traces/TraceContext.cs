using System.Collections.Immutable;
using System.Diagnostics;
using Federation.Resources;

namespace Federation.Telemetry;

/// <summary>
/// How a trace goes on from one process, and from one object, to the next: W3C's <c>traceparent</c> and <c>tracestate</c> in headers
/// and gRPC metadata, and an annotation on what is answered later than it is asked.
/// </summary>
public static class TraceContext
{
    public const string Parent = "traceparent";

    public const string State = "tracestate";

    /// <summary>On a claim: the trace its making belonged to.</summary>
    public const string Annotation = "ipam.federation.io/traceparent";

    /// <summary>W3C asks for 512 at least; what is longer is left out.</summary>
    const int StateMax = 512;

    /// <summary>What a caller said; none when it said nothing that can be read.</summary>
    public static ActivityContext Read(string? parent, string? state) =>
        parent is not null && ActivityContext.TryParse(parent, state is { Length: > StateMax } ? null : state, isRemote: true, out var context) ? context : default;

    /// <summary>A span for work that somebody asked for from outside: it goes on with their trace, or begins one.</summary>
    public static Activity? Begin(ActivitySource source, string name, ActivityKind kind, ActivityContext caller)
    {
        if (!source.HasListeners()) return null;
        var around = Activity.Current;
        if (caller == default) Activity.Current = null; // what the transport made for itself nobody records, and neither would they what lies below it
        var span = source.StartActivity(name, kind, caller);
        if (span is null) Activity.Current = around;
        return span;
    }

    /// <summary>What to say to whoever is called in the course of <paramref name="span"/>.</summary>
    public static IEnumerable<(string Name, string Value)> Headers(Activity? span)
    {
        if (span?.Id is not { } id || span.IdFormat is not ActivityIdFormat.W3C) yield break;
        yield return (Parent, id);
        if (span.TraceStateString is { Length: > 0 and <= StateMax } state) yield return (State, state);
    }

    extension(Resource resource)
    {
        /// <summary>The trace an object's making belonged to; none when it has no mark.</summary>
        public ActivityContext Trace => Read(resource.Metadata.Annotation(Annotation), state: null);
    }

    /// <summary>The object with the mark of the trace that goes on here, if one is recorded and it has none yet.</summary>
    public static T Marked<T>(this T resource) where T : Resource
    {
        if (Activity.Current is not { Recorded: true, Id: { } id } || resource.Metadata.Annotation(Annotation) is not null) return resource;
        var annotations = (resource.Metadata.Annotations ?? ImmutableSortedDictionary<string, string>.Empty).SetItem(Annotation, id);
        return (T)(resource with { Metadata = resource.Metadata with { Annotations = annotations } });
    }
}
