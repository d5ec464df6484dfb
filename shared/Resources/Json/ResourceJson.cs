using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Federation.Resources;

/// <summary>The one way objects become JSON and come back.</summary>
public static class ResourceJson
{
    /// <summary>Deeper documents are refused before they are read.</summary>
    public const int DepthMax = 64;

    /// <summary>Refuses fields no type knows, so that a misspelt field is an error and not a silent default.</summary>
    public static readonly JsonSerializerOptions Strict = Options(JsonUnmappedMemberHandling.Disallow);

    /// <summary>Drops fields no type knows: for what other servers send.</summary>
    public static readonly JsonSerializerOptions Lenient = Options(JsonUnmappedMemberHandling.Skip);

    public static byte[] Write(Resource resource) => JsonSerializer.SerializeToUtf8Bytes(resource, resource.GetType(), Lenient);

    public static Resource Read(ReadOnlySpan<byte> json, Type type) =>
        (Resource?)JsonSerializer.Deserialize(json, type, Lenient) ?? throw new JsonException("null is no object");

    public static T Read<T>(ReadOnlySpan<byte> json) where T : Resource => (T)Read(json, typeof(T));

    /// <summary>Whether two values would be written alike: lists and maps included.</summary>
    public static bool Same(object? a, object? b)
    {
        if (ReferenceEquals(a, b)) return true;
        if (a is null || b is null || a.GetType() != b.GetType()) return false;
        if (a.Equals(b)) return true; // records know themselves, their lists apart
        return JsonSerializer.SerializeToUtf8Bytes(a, a.GetType(), Lenient).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(b, b.GetType(), Lenient));
    }

    static JsonSerializerOptions Options(JsonUnmappedMemberHandling unmapped)
    {
        var options = new JsonSerializerOptions(JsonSerializerOptions.Strict)
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = unmapped,
            RespectNullableAnnotations = false,
            RespectRequiredConstructorParameters = false,
            AllowDuplicateProperties = unmapped is JsonUnmappedMemberHandling.Skip,
            MaxDepth = DepthMax,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new SharedStringConverter(), new NamedEnumConverter(), new CidrConverter(), new TimestampConverter() },
        };
        options.MakeReadOnly();
        return options;
    }
}
