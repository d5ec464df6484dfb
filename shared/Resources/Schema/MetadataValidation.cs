namespace Federation.Resources;

/// <summary>The rules of <c>metadata</c>, the same for all kinds.</summary>
static class MetadataValidation
{
    const int LabelsMax = 256;
    const int FinalizersMax = 64;
    const int OwnersMax = 64;

    /// <summary>As Kubernetes: all annotations together.</summary>
    const int AnnotationBytesMax = 256 * 1024;

    public static void Check(KindInfo kind, ObjectMeta metadata, List<FieldError> errors)
    {
        CheckNames(kind, metadata, errors);
        CheckLabels(metadata, errors);
        CheckAnnotations(metadata, errors);
        CheckLists(metadata, errors);
    }

    static void CheckNames(KindInfo kind, ObjectMeta metadata, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(metadata.Name) && string.IsNullOrEmpty(metadata.GenerateName))
        {
            errors.Add(FieldError.Required("metadata.name", "name or generateName is required"));
        }

        if (metadata.Name is { Length: > 0 } name)
        {
            if (kind.Singleton.Length > 0 && name != kind.Singleton) errors.Add(FieldError.Unsupported("metadata.name", name, [kind.Singleton]));
            if (kind.NameIsLabel && !LabelSyntax.IsDnsLabel(name)) errors.Add(FieldError.Invalid("metadata.name", name, LabelSyntax.DnsLabelRule));
            if (!kind.NameIsLabel && !LabelSyntax.IsDnsSubdomain(name)) errors.Add(FieldError.Invalid("metadata.name", name, LabelSyntax.DnsSubdomainRule));
        }

        if (metadata.GenerateName is { Length: > 0 } prefix && !LabelSyntax.IsDnsLabel($"{(prefix.Length > 58 ? prefix[..58] : prefix)}00000"))
        {
            errors.Add(FieldError.Invalid("metadata.generateName", prefix, LabelSyntax.DnsLabelRule));
        }

        if (metadata.Namespace is { Length: > 0 } ns && !LabelSyntax.IsDnsLabel(ns)) errors.Add(FieldError.Invalid("metadata.namespace", ns, LabelSyntax.DnsLabelRule));
    }

    static void CheckLabels(ObjectMeta metadata, List<FieldError> errors)
    {
        if (metadata.Labels is not { } labels) return;
        if (labels.Count > LabelsMax)
        {
            errors.Add(FieldError.TooMany("metadata.labels", labels.Count, LabelsMax));
            return;
        }

        foreach (var (key, value) in labels)
        {
            if (!LabelSyntax.IsKey(key)) errors.Add(FieldError.Invalid("metadata.labels", key, LabelSyntax.KeyRule));
            if (value is null || !LabelSyntax.IsValue(value)) errors.Add(FieldError.Invalid($"metadata.labels[{key}]", value, LabelSyntax.ValueRule));
        }
    }

    static void CheckAnnotations(ObjectMeta metadata, List<FieldError> errors)
    {
        if (metadata.Annotations is not { } annotations) return;
        if (annotations.Sum(static pair => pair.Key.Length + (pair.Value?.Length ?? 0)) > AnnotationBytesMax)
        {
            errors.Add(FieldError.TooLong("metadata.annotations", AnnotationBytesMax));
            return;
        }

        foreach (var key in annotations.Keys)
        {
            if (!LabelSyntax.IsKey(key.ToLowerInvariant())) errors.Add(FieldError.Invalid("metadata.annotations", key, LabelSyntax.KeyRule));
        }
    }

    static void CheckLists(ObjectMeta metadata, List<FieldError> errors)
    {
        if (metadata.Finalizers is { Count: > FinalizersMax } finalizers) errors.Add(FieldError.TooMany("metadata.finalizers", finalizers.Count, FinalizersMax));
        if (metadata.OwnerReferences is { Count: > OwnersMax } owners) errors.Add(FieldError.TooMany("metadata.ownerReferences", owners.Count, OwnersMax));
        foreach (var finalizer in metadata.Finalizers ?? [])
        {
            if (finalizer is null || !LabelSyntax.IsKey(finalizer)) errors.Add(FieldError.Invalid("metadata.finalizers", finalizer, LabelSyntax.KeyRule));
        }
    }
}
