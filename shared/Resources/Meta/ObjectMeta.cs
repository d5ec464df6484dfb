using System.Collections.Immutable;

namespace Federation.Resources;

/// <summary>Kubernetes' <c>metav1.ObjectMeta</c>: what every object says about itself.</summary>
public sealed record ObjectMeta
{
    /// <summary>Says nothing. One for all objects: they are never changed.</summary>
    public static readonly ObjectMeta None = new();

    public string? Name { get; init; }

    /// <summary>A prefix the server completes with five random characters when <see cref="Name"/> is empty.</summary>
    public string? GenerateName { get; init; }

    public string? Namespace { get; init; }

    /// <summary>Unique over all time; a new object of an old name has another.</summary>
    public string? Uid { get; init; }

    /// <summary>Opaque; equal means unchanged. Written back, it makes a write conditional.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Counts changes of the spec.</summary>
    public long? Generation { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When deletion was asked for; the object goes once <see cref="Finalizers"/> is empty.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    public long? DeletionGracePeriodSeconds { get; init; }

    public ImmutableSortedDictionary<string, string>? Labels { get; init; }

    public ImmutableSortedDictionary<string, string>? Annotations { get; init; }

    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    public IReadOnlyList<string>? Finalizers { get; init; }

    /// <summary>Who manages which field, as the server keeps it.</summary>
    public IReadOnlyList<ManagedFieldsEntry>? ManagedFields { get; init; }

    /// <summary>The legacy link some clients still send; carried, not read.</summary>
    public string? SelfLink { get; init; }

    public bool IsDeleting() => DeletionTimestamp is not null;

    public bool HasFinalizer(string finalizer) => Finalizers?.Contains(finalizer) ?? false;

    public string? Label(string key) => Labels?.GetValueOrDefault(key);

    public string? Annotation(string key) => Annotations?.GetValueOrDefault(key);
}

/// <summary>Kubernetes' <c>metav1.OwnerReference</c>.</summary>
public sealed record OwnerReference
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Uid { get; init; }

    public bool? Controller { get; init; }

    public bool? BlockOwnerDeletion { get; init; }
}
