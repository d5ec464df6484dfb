namespace Federation.Tests.Conformance;

/// <summary>What of two answers is not compared, because the two servers differ there for a reason.</summary>
[Flags]
public enum Differs
{
    None = 0,

    /// <summary>Our causes name fields where Kubernetes has none, or name them otherwise.</summary>
    Causes = 1,

    /// <summary>The whole body, as where one answers an object and the other a Status.</summary>
    Body = 2,

    /// <summary>Who owns which fields: the server compared with is older than the rule.</summary>
    Owners = 4,

    /// <summary>The details of a failure: names of kinds in other spelling.</summary>
    Details = 8,

    /// <summary>The code, and all that comes with it.</summary>
    Code = 16,

    /// <summary>Whether the object's version is new.</summary>
    Version = 32,

    /// <summary>The order of a list's items.</summary>
    Order = 64,
}

/// <summary>One request that both servers get, and how far their answers must agree.</summary>
/// <param name="Why">What is behind a difference.</param>
public sealed record Exchange(string Title, string Method, string Path, string? Body = null, string? ContentType = null, string Accept = "application/json", Differs Differs = Differs.None, string Why = "")
{
    /// <summary>Stands in a path for the version of the last list.</summary>
    public const string LastVersion = "LAST-VERSION";

    public const string Merge = "application/merge-patch+json";
    public const string JsonPatch = "application/json-patch+json";
    public const string Apply = "application/apply-patch+yaml";
    public const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    public const string Metadata = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    public const string MetadataList = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
}
