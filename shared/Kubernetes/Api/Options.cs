namespace Federation.Kubernetes;

/// <summary>Which objects to list, and how many at once.</summary>
public sealed record ListOptions
{
    /// <summary>Null for all namespaces, and for kinds without.</summary>
    public string? Namespace { get; init; }

    /// <summary>As kubectl takes it: <c>a=b,c in (d,e)</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>As <c>metadata.name=a</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>At most so many objects a page; null for all at once.</summary>
    public int? Limit { get; init; }

    /// <summary>Where the page before ended: its <see cref="ResourceList{T}.Continue"/>.</summary>
    public string? Continue { get; init; }
}

/// <summary>Which objects to watch, from where and for how long.</summary>
public sealed record WatchOptions
{
    /// <summary>Null for all namespaces, and for kinds without.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Changes after this one are sent. Null: what exists comes first, as added.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>After how many seconds the server ends the watch; null leaves it to the server.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Whether the server may say from time to time how far the watch has come.</summary>
    public bool AllowBookmarks { get; init; }
}

/// <summary>What becomes of an object's dependents.</summary>
public enum DeletePropagation { Unspecified = 0, Background, Foreground, Orphan }

/// <summary>How to delete an object.</summary>
public sealed record DeleteOptions
{
    /// <summary>Delete only the object with this uid; another is a conflict.</summary>
    public string? Uid { get; init; }

    /// <summary>Delete only this version; another is a conflict.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Unspecified leaves it to the server.</summary>
    public DeletePropagation Propagation { get; init; }

    public int? GracePeriodSeconds { get; init; }
}
