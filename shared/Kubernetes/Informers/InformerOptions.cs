namespace Federation.Kubernetes;

/// <summary>What an informer follows, and how patiently.</summary>
public sealed record InformerOptions
{
    /// <summary>Null for all namespaces, and for kinds without.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>How many objects are asked for at once.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>After how long the server ends a watch and another begins.</summary>
    public TimeSpan WatchFor { get; init; } = TimeSpan.FromSeconds(270);

    /// <summary>After how long without a word a watch is given up as dead. Longer than <see cref="WatchFor"/>: quiet is not dead.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(300);

    public Backoff Backoff { get; init; } = new();
}
