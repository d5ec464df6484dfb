using System.Collections.Immutable;
using System.ComponentModel;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Kubernetes' <c>authorization.k8s.io/v1</c>: asks a cluster whether somebody may do something.</summary>
[Description("A question whether somebody may do something.")]
[Kind("subjectaccessreviews", KindScope.Cluster, Group = "authorization.k8s.io", Version = "v1", Category = "")]
public sealed record SubjectAccessReview : Resource<SubjectAccessReviewSpec, SubjectAccessReviewStatus>;

public sealed record SubjectAccessReviewSpec
{
    public string? User { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    public ImmutableSortedDictionary<string, IReadOnlyList<string>>? Extra { get; init; }

    public ResourceAttributes? ResourceAttributes { get; init; }
}

public sealed record ResourceAttributes
{
    public string? Namespace { get; init; }

    public string? Verb { get; init; }

    public string? Group { get; init; }

    public string? Version { get; init; }

    public string? Resource { get; init; }

    public string? Subresource { get; init; }

    public string? Name { get; init; }
}

public sealed record SubjectAccessReviewStatus
{
    public bool? Allowed { get; init; }

    public string? Reason { get; init; }
}
