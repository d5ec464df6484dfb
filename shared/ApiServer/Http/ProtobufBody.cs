using System.Text;
using System.Text.Json.Nodes;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>
/// What kubectl creates of the core group it sends as protobuf whatever it was told: <c>k8s\0</c>, then <c>runtime.Unknown</c>
/// around the object. Of the kinds served only a namespace comes this way; its name, labels and annotations are read.
/// </summary>
static class ProtobufBody
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    const int LengthDelimited = 2;

    static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <summary>The object as JSON; null when it is not what is read this way.</summary>
    public static ReadOnlyMemory<byte>? ToJson(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith(Magic)) return null;
        if (!TryFields(body[Magic.Length..], out var unknown) || Text(Message(unknown, 1), 2) is not "Namespace" || Message(unknown, 2) is not { } raw) return null;
        if (!TryFields(raw, out var space) || Message(space, 1) is not { } metadata || !TryFields(metadata, out var fields)) return null;
        var json = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = Text(fields, 1), ["generateName"] = Text(fields, 2), ["labels"] = Map(fields, 11), ["annotations"] = Map(fields, 12) },
        };
        return Encoding.UTF8.GetBytes(json.ToJsonString(ResourceJson.Lenient));
    }

    static JsonObject? Map(List<(int Number, ReadOnlyMemory<byte> Value)> fields, int number)
    {
        var map = new JsonObject();
        foreach (var (_, entry) in fields.Where(field => field.Number == number))
        {
            if (Text(entry, 1) is { } key) map[key] = Text(entry, 2) ?? "";
        }

        return map.Count > 0 ? map : null;
    }

    static string? Text(ReadOnlyMemory<byte>? message, int number) => message is { } bytes && TryFields(bytes, out var fields) ? Text(fields, number) : null;

    static string? Text(List<(int Number, ReadOnlyMemory<byte> Value)> fields, int number) =>
        Message(fields, number) is { Length: > 0 } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;

    static ReadOnlyMemory<byte>? Message(List<(int Number, ReadOnlyMemory<byte> Value)> fields, int number)
    {
        var at = fields.FindLastIndex(field => field.Number == number);
        return at < 0 ? null : fields[at].Value;
    }

    /// <summary>The fields of a message that have a length, in order; the others are passed over. False when it is no message.</summary>
    static bool TryFields(ReadOnlyMemory<byte> message, out List<(int Number, ReadOnlyMemory<byte> Value)> fields)
    {
        fields = [];
        while (message.Length > 0)
        {
            if (!TryVarint(ref message, out var tag)) return false;
            var length = (tag & 7) switch { 1 => 8UL, 5 => 4UL, _ => 0UL };
            if ((tag & 7) is 0 or LengthDelimited && !TryVarint(ref message, out length)) return false;
            if ((tag & 7) is 0) length = 0;
            if ((tag & 7) is 3 or 4 or > 5 || length > (ulong)message.Length) return false;
            if ((tag & 7) is LengthDelimited) fields.Add(((int)(tag >> 3), message[..(int)length]));
            message = message[(int)length..];
        }

        return true;
    }

    static bool TryVarint(ref ReadOnlyMemory<byte> message, out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(message.Length, 10); i++)
        {
            value |= (ulong)(message.Span[i] & 0x7F) << (7 * i);
            if (message.Span[i] >= 0x80) continue;
            message = message[(i + 1)..];
            return true;
        }

        return false;
    }
}
