using System.Collections.Immutable;
using System.ComponentModel;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Kubernetes' <c>authentication.k8s.io/v1</c>: asks a cluster whose token this is.</summary>
[Description("A question whose token this is.")]
[Kind("tokenreviews", KindScope.Cluster, Group = "authentication.k8s.io", Version = "v1", Category = "")]
public sealed record TokenReview : Resource<TokenReviewSpec, TokenReviewStatus>;

public sealed record TokenReviewSpec
{
    public string? Token { get; init; }
}

public sealed record TokenReviewStatus
{
    public bool? Authenticated { get; init; }

    public ReviewedUser? User { get; init; }
}

public sealed record ReviewedUser
{
    public string? Username { get; init; }

    public string? Uid { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    public ImmutableSortedDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}
