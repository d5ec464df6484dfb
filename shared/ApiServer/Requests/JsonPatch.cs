using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Federation.ApiServer;

/// <summary>JSON merge patch (RFC 7396) and JSON patch (RFC 6902).</summary>
static class JsonPatch
{
    const int OperationsMax = 1000;

    static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = 64 };

    public static JsonNode? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonNode.Parse(json.Span, documentOptions: DocumentOptions);
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadRequest($"the patch is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine})");
        }
    }

    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes) return patch?.DeepClone();
        var merged = target as JsonObject ?? [];
        foreach (var (name, change) in changes)
        {
            var current = merged[name];
            merged.Remove(name);
            if (change is not null) merged[name] = Merge(current, change);
        }

        return merged;
    }

    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonArray operations) throw ApiErrors.BadRequest("a JSON patch is a list of operations");
        if (operations.Count > OperationsMax) throw ApiErrors.BadRequest($"a JSON patch may have at most {OperationsMax} operations");
        foreach (var operation in operations) target = ApplyOne(target, operation as JsonObject ?? throw ApiErrors.BadRequest("each operation is an object"));
        return target;
    }

    static JsonNode? ApplyOne(JsonNode? target, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (Text(operation, "op"))
        {
            case "add":
                return Put(target, path, operation["value"]?.DeepClone(), isInsert: true);
            case "replace":
                Find(target, path);
                return Put(target, path, operation["value"]?.DeepClone(), isInsert: false);
            case "remove":
                return Remove(target, path);
            case "test":
                if (!JsonNode.DeepEquals(Find(target, path), operation["value"])) throw Unprocessable($"test failed: {Text(operation, "path")}");
                return target;
            case "copy":
                return Put(target, path, Find(target, Pointer(operation, "from"))?.DeepClone(), isInsert: true);
            case "move":
                var moved = Find(target, Pointer(operation, "from"))?.DeepClone();
                return Put(Remove(target, Pointer(operation, "from")), path, moved, isInsert: true);
            case var unknown:
                throw ApiErrors.BadRequest($"\"{unknown}\" is no operation of a JSON patch");
        }
    }

    static string Text(JsonObject operation, string name) =>
        operation[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw ApiErrors.BadRequest($"an operation needs \"{name}\"");

    static string[] Pointer(JsonObject operation, string name)
    {
        var text = Text(operation, name);
        if (text.Length == 0) return [];
        if (text[0] != '/') throw ApiErrors.BadRequest($"\"{text}\" is no JSON pointer");
        return [.. text[1..].Split('/').Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    static JsonNode? Find(JsonNode? node, ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            node = node switch
            {
                JsonObject members when members.TryGetPropertyValue(step, out var member) => member,
                JsonArray items when Index(step, items.Count - 1) is { } index => items[index],
                _ => throw Unprocessable($"the path \"{step}\" does not exist"),
            };
        }

        return node;
    }

    static JsonNode? Put(JsonNode? target, string[] path, JsonNode? value, bool isInsert)
    {
        if (path.Length == 0) return value;
        switch (Find(target, path.AsSpan()[..^1]))
        {
            case JsonObject members:
                members[path[^1]] = value;
                break;
            case JsonArray items when isInsert && path[^1] == "-":
                items.Add(value);
                break;
            case JsonArray items when isInsert && Index(path[^1], items.Count) is { } index:
                items.Insert(index, value);
                break;
            case JsonArray items when !isInsert && Index(path[^1], items.Count - 1) is { } index:
                items[index] = value;
                break;
            default:
                throw Unprocessable($"the path \"{path[^1]}\" does not exist");
        }

        return target;
    }

    static JsonNode? Remove(JsonNode? target, string[] path)
    {
        if (path.Length == 0) return null;
        Find(target, path);
        switch (Find(target, path.AsSpan()[..^1]))
        {
            case JsonObject members:
                members.Remove(path[^1]);
                break;
            case JsonArray items:
                items.RemoveAt(Index(path[^1], items.Count - 1)!.Value);
                break;
        }

        return target;
    }

    static int? Index(string step, int max) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= max ? index : null;

    static ApiException Unprocessable(string message) =>
        new(new() { Status = "Failure", Code = 422, Reason = Federation.Resources.ApiReasons.Invalid, Message = $"the patch cannot be applied: {message}" });
}
