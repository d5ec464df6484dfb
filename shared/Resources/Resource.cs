using System.Text.Json.Serialization;

namespace Federation.Resources;

/// <summary>An object of the API. Immutable: a change is a copy.</summary>
public abstract record Resource
{
    [JsonPropertyOrder(-4)]
    public string? ApiVersion { get; init; }

    [JsonPropertyOrder(-3)]
    public string? Kind { get; init; }

    [JsonPropertyOrder(-2)]
    public ObjectMeta Metadata { get; init; } = ObjectMeta.None;

    /// <summary>This object with everything but the status taken from here and the status from <paramref name="other"/>.</summary>
    public abstract Resource WithStatusOf(Resource other);

    /// <summary>The part whose change raises <c>metadata.generation</c>.</summary>
    [JsonIgnore]
    public abstract object? Intent { get; }

    /// <summary>What controllers report; null when nobody has, or the kind has no status.</summary>
    [JsonIgnore]
    public abstract object? Report { get; }

    [JsonIgnore]
    public string Name => Metadata.Name ?? "";

    [JsonIgnore]
    public string? Namespace => Metadata.Namespace;

    [JsonIgnore]
    public string Uid => Metadata.Uid ?? "";
}

/// <summary>A kind of the usual shape: a wish in the spec, an answer in the status.</summary>
public abstract record Resource<TSpec, TStatus> : Resource
    where TSpec : class, new()
    where TStatus : class
{
    static readonly TSpec None = new();

    [JsonPropertyOrder(-1)]
    public TSpec Spec { get; init; } = None;

    public TStatus? Status { get; init; }

    public sealed override Resource WithStatusOf(Resource other) => this with { Status = ((Resource<TSpec, TStatus>)other).Status };

    [JsonIgnore]
    public sealed override object? Intent => Spec;

    [JsonIgnore]
    public sealed override object? Report => Status;
}
