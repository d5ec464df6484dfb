namespace Federation.Resources;

/// <summary>How a manager came to own fields: by saying all that it wants, or by changing what was there.</summary>
public enum ManagedFieldsOperation { Unspecified = 0, Apply, Update }

/// <summary>Kubernetes' <c>metav1.ManagedFieldsEntry</c>: which fields of an object one manager owns.</summary>
public sealed record ManagedFieldsEntry
{
    /// <summary>The only form of field sets there is.</summary>
    public const string TheFieldsType = "FieldsV1";

    public string? Manager { get; init; }

    public ManagedFieldsOperation? Operation { get; init; }

    /// <summary>The version of the kind in which the fields are named.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>When the manager last changed a field, or its set.</summary>
    public DateTimeOffset? Time { get; init; }

    public string? FieldsType { get; init; }

    public FieldsText? FieldsV1 { get; init; }

    /// <summary>As <c>status</c>; null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>As in <c>managedFields: [{}]</c>, by which a client lets all be forgotten.</summary>
    public bool IsEmpty() => this is { Manager: null, Operation: null, ApiVersion: null, Time: null, FieldsType: null, FieldsV1: null, Subresource: null };
}
