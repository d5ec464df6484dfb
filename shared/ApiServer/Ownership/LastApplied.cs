using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>
/// What kubectl applied before by its own means, as it notes on the object. When it goes over to server-side apply, its
/// former self is no other manager to it: as Kubernetes does, for the manager <c>kubectl</c> alone.
/// </summary>
static class LastApplied
{
    const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const string Kubectl = "kubectl";

    static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = ResourceJson.DepthMax };

    /// <summary>Of the fields that are written those that may be in conflict.</summary>
    public static FieldSet Excuses(Resource? before, string manager, FieldSet written, FieldShape shape) =>
        manager is Kubectl && before?.Metadata.Annotation(Annotation) is { } text && Read(text) is { } applied ? written.Except(FieldTree.Fields(applied, shape)) : written;

    /// <summary>Keeps the note true for clients that still go by it.</summary>
    public static void Renew(Resource? before, string manager, JsonObject config, JsonObject merged)
    {
        if (manager is not Kubectl || before?.Metadata.Annotation(Annotation) is null || merged["metadata"]?["annotations"] is not JsonObject annotations) return;
        annotations[Annotation] = config.ToJsonString(ResourceJson.Lenient) + "\n";
    }

    static JsonNode? Read(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: DocumentOptions);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
