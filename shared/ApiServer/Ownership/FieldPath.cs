using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>The way to a field, as conflicts name it: <c>.status.conditions[type="Ready"].reason</c>.</summary>
static class FieldPath
{
    public static string ToText(IReadOnlyList<string> path) => string.Concat(path.Select(Element));

    static string Element(string element) => element[0] switch
    {
        'f' => $".{element[2..]}",
        'v' => $"[={element[2..]}]",
        'k' => $"[{Key(element[2..])}]",
        _ => $"[{element[2..]}]",
    };

    static string Key(string json)
    {
        using var key = JsonDocument.Parse(json);
        return string.Join(',', key.RootElement.EnumerateObject().Select(static field => $"{field.Name}={JsonSerializer.Serialize(field.Value, ResourceJson.Lenient)}"));
    }
}
