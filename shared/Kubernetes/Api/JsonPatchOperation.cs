using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.Kubernetes;

/// <summary>One operation of a JSON patch (RFC 6902).</summary>
public sealed class JsonPatchOperation
{
    readonly JsonObject json;

    JsonPatchOperation(string op, string path) => json = new JsonObject { ["op"] = op, ["path"] = path };

    /// <summary>Adds a value at a JSON pointer, or replaces the one there; <c>/-</c> appends to a list.</summary>
    public static JsonPatchOperation Add(string path, object? value) => new("add", path) { Value = value };

    public static JsonPatchOperation Replace(string path, object? value) => new("replace", path) { Value = value };

    /// <summary>Lets the whole patch fail unless the value there is this one.</summary>
    public static JsonPatchOperation Test(string path, object? value) => new("test", path) { Value = value };

    public static JsonPatchOperation Remove(string path) => new("remove", path);

    /// <summary>A key as part of a JSON pointer: slashes and tildes escaped.</summary>
    public static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public JsonObject ToJson() => json.DeepClone().AsObject();

    object? Value { init => json["value"] = JsonSerializer.SerializeToNode(value, ResourceJson.Lenient); }
}
