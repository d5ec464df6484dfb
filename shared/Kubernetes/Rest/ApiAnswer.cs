using System.Text.Json;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>Reads what API servers send.</summary>
static class ApiAnswer
{
    static readonly JsonDocumentOptions Document = new() { MaxDepth = ResourceJson.DepthMax };

    public static T Object<T>(ReadOnlySpan<byte> json) where T : Resource => ResourceJson.Read<T>(json);

    /// <exception cref="JsonException">The answer is no list.</exception>
    public static ResourceList<T> List<T>(ReadOnlyMemory<byte> json) where T : Resource
    {
        using var document = JsonDocument.Parse(json, Document);
        if (!TryProperty(document.RootElement, "metadata", out var metadata)
            || Text(metadata, "resourceVersion") is not { } version
            || !TryProperty(document.RootElement, "items", out var items)
            || items.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
        {
            throw new JsonException("The answer is no list.");
        }

        List<T> readable = [];
        List<UnreadableObject> unreadable = [];
        if (items.ValueKind is JsonValueKind.Array)
        {
            foreach (var item in items.EnumerateArray())
            {
                if (TryObject<T>(item, out var resource, out var problem)) readable.Add(resource);
                else unreadable.Add(problem);
            }
        }

        var next = Text(metadata, "continue") is { Length: > 0 } token ? token : null;
        return new ResourceList<T> { ResourceVersion = version, Continue = next, Items = readable, Unreadable = unreadable };
    }

    /// <exception cref="JsonException">The line is no event.</exception>
    public static WatchEvent<T> Event<T>(ReadOnlyMemory<byte> line) where T : Resource
    {
        using var document = JsonDocument.Parse(line, Document);
        if (!TryProperty(document.RootElement, "object", out var json)) throw new JsonException("The line is no event.");

        var type = Text(document.RootElement, "type");
        if (type is "BOOKMARK") return new WatchEvent<T>.Bookmark(Text(Metadata(json), "resourceVersion") ?? throw new JsonException("The bookmark has no version."));
        if (type is "ERROR") return new WatchEvent<T>.Error(json.Deserialize<ApiStatus>(ResourceJson.Lenient) ?? throw new JsonException("The error has no status."));
        if (type is not ("ADDED" or "MODIFIED" or "DELETED")) throw new JsonException("The event is of no known type.");
        if (!TryObject<T>(json, out var resource, out var problem)) return new WatchEvent<T>.Unreadable(problem, IsDeleted: type is "DELETED");

        return type switch
        {
            "ADDED" => new WatchEvent<T>.Added(resource),
            "MODIFIED" => new WatchEvent<T>.Modified(resource),
            _ => new WatchEvent<T>.Deleted(resource),
        };
    }

    /// <summary>The server's own words, or words of our own where something else answered in its place.</summary>
    public static ApiStatus Failure(int code, ReadOnlySpan<byte> body)
    {
        try
        {
            var status = JsonSerializer.Deserialize<ApiStatus>(body, ResourceJson.Lenient);
            if (status is { Kind: "Status", ApiVersion: "v1" } && status.Status is not null) return status;
        }
        catch (JsonException)
        {
            // A proxy's page: the code says what there is to say.
        }

        return new ApiStatus { Status = "Failure", Code = code, Message = "The answer does not come from an API server." };
    }

    static bool TryObject<T>(JsonElement json, out T resource, out UnreadableObject problem) where T : Resource
    {
        (resource, problem) = (null!, null!);
        try
        {
            resource = json.Deserialize<T>(ResourceJson.Lenient) ?? throw new JsonException("null is no object");
            if (resource.Name.Length > 0) return true;
            throw new JsonException("The object has no name.");
        }
        catch (JsonException e)
        {
            var metadata = Metadata(json);
            var key = new ResourceKey(Text(metadata, "namespace") ?? "", Text(metadata, "name") ?? throw new JsonException("The object has no name.", e));
            problem = new UnreadableObject(key, Text(metadata, "uid"), Text(metadata, "resourceVersion"), e.Message);
            return false;
        }
    }

    static JsonElement Metadata(JsonElement json) =>
        TryProperty(json, "metadata", out var metadata) ? metadata : throw new JsonException("The object has no metadata.");

    static string? Text(JsonElement json, string name) =>
        TryProperty(json, name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    static bool TryProperty(JsonElement json, string name, out JsonElement value)
    {
        value = default;
        return json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out value);
    }
}
