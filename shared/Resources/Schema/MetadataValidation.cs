namespace Federation.Resources;

/// <summary>The rules of <c>metadata</c>, the same for all kinds.</summary>
static class MetadataValidation
{
    const int LabelsMax = 256;
    const int FinalizersMax = 64;
    const int OwnersMax = 64;

    /// <summary>As Kubernetes: all annotations together.</summary>
    const int AnnotationBytesMax = 256 * 1024;

    public static IEnumerable<FieldError> Errors(KindInfo kind, ObjectMeta metadata) =>
    [
        .. NameErrors(kind, metadata),
        .. LabelErrors(metadata),
        .. AnnotationErrors(metadata),
        .. ListErrors(metadata),
    ];

    static IEnumerable<FieldError> NameErrors(KindInfo kind, ObjectMeta metadata)
    {
        if (string.IsNullOrEmpty(metadata.Name) && string.IsNullOrEmpty(metadata.GenerateName))
        {
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        }

        if (metadata.Name is { Length: > 0 } name)
        {
            if (kind.Singleton.Length > 0 && name != kind.Singleton) yield return FieldError.Unsupported("metadata.name", name, [kind.Singleton]);
            if (kind.NameIsLabel && !LabelSyntax.IsDnsLabel(name)) yield return FieldError.Invalid("metadata.name", name, LabelSyntax.DnsLabelRule);
            if (!kind.NameIsLabel && !LabelSyntax.IsDnsSubdomain(name)) yield return FieldError.Invalid("metadata.name", name, LabelSyntax.DnsSubdomainRule);
        }

        if (metadata.GenerateName is { Length: > 0 } prefix && !LabelSyntax.IsDnsLabel($"{(prefix.Length > 58 ? prefix[..58] : prefix)}00000"))
        {
            yield return FieldError.Invalid("metadata.generateName", prefix, LabelSyntax.DnsLabelRule);
        }

        if (metadata.Namespace is { Length: > 0 } ns && !LabelSyntax.IsDnsLabel(ns)) yield return FieldError.Invalid("metadata.namespace", ns, LabelSyntax.DnsLabelRule);
    }

    static IEnumerable<FieldError> LabelErrors(ObjectMeta metadata)
    {
        if (metadata.Labels is not { } labels) yield break;
        if (labels.Count > LabelsMax)
        {
            yield return FieldError.TooMany("metadata.labels", labels.Count, LabelsMax);
            yield break;
        }

        foreach (var (key, value) in labels)
        {
            if (!LabelSyntax.IsKey(key)) yield return FieldError.Invalid("metadata.labels", key, LabelSyntax.KeyRule);
            if (value is null || !LabelSyntax.IsValue(value)) yield return FieldError.Invalid($"metadata.labels[{key}]", value, LabelSyntax.ValueRule);
        }
    }

    static IEnumerable<FieldError> AnnotationErrors(ObjectMeta metadata)
    {
        if (metadata.Annotations is not { } annotations) yield break;
        if (annotations.Sum(static pair => pair.Key.Length + (pair.Value?.Length ?? 0)) > AnnotationBytesMax)
        {
            yield return FieldError.TooLong("metadata.annotations", AnnotationBytesMax);
            yield break;
        }

        foreach (var key in annotations.Keys)
        {
            if (!LabelSyntax.IsKey(key.ToLowerInvariant())) yield return FieldError.Invalid("metadata.annotations", key, LabelSyntax.KeyRule);
        }
    }

    static IEnumerable<FieldError> ListErrors(ObjectMeta metadata)
    {
        if (metadata.Finalizers is { Count: > FinalizersMax } finalizers) yield return FieldError.TooMany("metadata.finalizers", finalizers.Count, FinalizersMax);
        if (metadata.OwnerReferences is { Count: > OwnersMax } owners) yield return FieldError.TooMany("metadata.ownerReferences", owners.Count, OwnersMax);
        foreach (var finalizer in metadata.Finalizers ?? [])
        {
            if (finalizer is null || !LabelSyntax.IsKey(finalizer)) yield return FieldError.Invalid("metadata.finalizers", finalizer, LabelSyntax.KeyRule);
        }
    }
}
