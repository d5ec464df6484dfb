using System.Text.Json;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>Kubernetes' <c>admission.k8s.io/v1</c> AdmissionReview: a question of the API server, and our answer.</summary>
sealed record AdmissionReview
{
    public string? ApiVersion { get; init; } = "admission.k8s.io/v1";

    public string? Kind { get; init; } = "AdmissionReview";

    public AdmissionRequest? Request { get; init; }

    public AdmissionResponse? Response { get; init; }
}

/// <summary>What somebody wants to do, as far as we look at it.</summary>
sealed record AdmissionRequest
{
    public string? Uid { get; init; }

    public GroupVersionResource? Resource { get; init; }

    public string? SubResource { get; init; }

    public string? Name { get; init; }

    public string? Namespace { get; init; }

    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    public string? Operation { get; init; }

    /// <summary>The object as it would be; none in a deletion.</summary>
    public JsonElement? Object { get; init; }

    /// <summary>The object as it is; none in a creation.</summary>
    public JsonElement? OldObject { get; init; }
}

sealed record GroupVersionResource(string? Group, string? Version, string? Resource);

sealed record AdmissionResponse
{
    public string? Uid { get; init; }

    public bool Allowed { get; init; }

    /// <summary>Why not, as the API server passes it on.</summary>
    public ApiStatus? Status { get; init; }
}
