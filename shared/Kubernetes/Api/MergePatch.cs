using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Bodies of merge patches (RFC 7386).</summary>
public static class MergePatch
{
    /// <summary>The patch as JSON, bound to a resource version when one is given.</summary>
    /// <exception cref="ArgumentException">The value is no JSON object.</exception>
    public static JsonObject Of(object patch, string? resourceVersion = null)
    {
        if (JsonSerializer.SerializeToNode(patch, patch.GetType(), ResourceJson.Lenient) is not JsonObject json)
        {
            throw new ArgumentException("A merge patch must be a JSON object.", nameof(patch));
        }

        if (resourceVersion is null) return json;
        if (json["metadata"] is not JsonObject metadata) json["metadata"] = metadata = [];
        metadata["resourceVersion"] = resourceVersion;
        return json;
    }
}
