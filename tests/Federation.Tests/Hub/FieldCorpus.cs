using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.Tests.Hub;

/// <summary>A document that must be refused, naming a field.</summary>
public sealed record BadField(string Kind, string Field, string What, string Document)
{
    public override string ToString() => $"{Kind} {Field}: {What}";
}

/// <summary>
/// Everything that can be wrong with a field, for every field of every kind: read from the types, so that a new field is
/// covered as it is written.
/// </summary>
static class FieldCorpus
{
    /// <summary>A sound object of each kind.</summary>
    static readonly Dictionary<string, string> Sound = new(StringComparer.Ordinal)
    {
        ["IPPool"] = """{"metadata":{"name":"sound"},"spec":{"cidr":"10.200.0.0/16"}}""",
        ["IPClaim"] = """{"metadata":{"name":"sound","namespace":"default"},"spec":{"poolRef":{"name":"sound"},"prefixLength":28}}""",
        ["IPPoolClaim"] = """{"metadata":{"name":"sound","namespace":"default"},"spec":{"parentPoolRef":{"name":"sound"},"prefixLength":24}}""",
        ["IPAllocation"] = """{"metadata":{"name":"sound"},"spec":{"cidr":"10.200.0.0/28","poolRef":{"name":"sound"},"claimRef":{"namespace":"default","name":"sound","uid":"1"}}}""",
        ["IPLease"] = """{"metadata":{"name":"sound"},"spec":{"edgeName":"east","poolRef":{"name":"sound"},"cidr":"10.200.0.0/24","requestID":"1","index":0}}""",
        ["Edge"] = """{"metadata":{"name":"sound"},"spec":{}}""",
        ["Federation"] = """{"metadata":{"name":"hub"},"spec":{}}""",
    };

    public static JsonNode SoundObject(KindInfo kind)
    {
        Assert.True(Sound.TryGetValue(kind.Name, out var text), $"there is no sound {kind.Name} in the corpus");
        var document = JsonNode.Parse(text)!;
        (document["apiVersion"], document["kind"]) = (kind.ApiVersion, kind.Name);
        return document;
    }

    public static IEnumerable<BadField> All() => KindInfo.All.SelectMany(static kind => OfPart(kind, SpecOf(kind), "spec")).Concat(KindInfo.All.SelectMany(Unknown));

    /// <summary>Fields that may never change, with a sound value they do not have.</summary>
    public static IEnumerable<(KindInfo Kind, string Field, JsonNode Other)> Immutable() =>
        from kind in KindInfo.All
        from property in SpecOf(kind).GetProperties()
        where property.GetCustomAttribute<ImmutableFieldAttribute>() is not null
        select (kind, Name(property), OtherValue(property));

    static IEnumerable<BadField> OfPart(KindInfo kind, Type part, string path)
    {
        foreach (var property in part.GetProperties().Where(static property => property.CanWrite))
        {
            var (field, type) = ($"{path}.{Name(property)}", Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            foreach (var (what, value) in Wrong(property, type)) yield return Bad(kind, field, what, value);
            if (property.GetCustomAttribute<RequiredAttribute>() is not null) yield return Bad(kind, field, "missing", null, remove: true);
            if (IsPart(type)) foreach (var inner in OfPart(kind, type, field)) yield return inner;
        }
    }

    static IEnumerable<(string What, JsonNode? Value)> Wrong(PropertyInfo property, Type type)
    {
        foreach (var (name, value) in WrongTypes(type)) yield return ($"a {name}", value);
        if (property.GetCustomAttribute<BoundsAttribute>() is { } bounds)
        {
            yield return ("too small", JsonValue.Create(bounds.Minimum - 1));
            if (bounds.Maximum < long.MaxValue) yield return ("too large", JsonValue.Create(bounds.Maximum + 1));
        }

        if (IsNumber(type))
        {
            yield return ("beyond 64 bits", JsonNode.Parse("99999999999999999999999999"));
            yield return ("a fraction", JsonNode.Parse("1.5"));
        }

        if (type == typeof(string) && property.GetCustomAttribute<MaxLengthAttribute>() is { } longest) yield return ("too long", new string('a', longest.Length + 1));
        if (type == typeof(string) && property.GetCustomAttribute<MinLengthAttribute>() is { Length: > 0 }) yield return ("empty", "");
        if (type.IsEnum) yield return ("no such value", "NoSuchValue");
        if (type == typeof(Cidr)) foreach (var text in BadCidrs) yield return ($"'{text}'", text);
        if (IsList(type) && property.GetCustomAttribute<MaxLengthAttribute>() is { } most) yield return ("too many", new JsonArray([.. Enumerable.Range(0, most.Length + 1).Select(static i => (JsonNode)$"10.200.{i / 256}.{i % 256}/32")]));
        if (IsList(type)) yield return ("holding null", new JsonArray([null]));
    }

    static readonly string[] BadCidrs = ["10.0.0.1/24", "10.0.0.0/33", "10.0.0.0", "010.0.0.0/8", "10.0.0.0/-1", "2001:DB8::/32", "2001:db8:0::/48", "::ffff:10.0.0.0/104", "nonsense", "", " 10.0.0.0/8", "10.0.0.0/08"];

    static IEnumerable<(string Name, JsonNode Value)> WrongTypes(Type type)
    {
        if (!IsText(type)) yield return ("string", JsonValue.Create("text"));
        if (!IsNumber(type)) yield return ("number", JsonValue.Create(5));
        if (type != typeof(bool)) yield return ("boolean", JsonValue.Create(true));
        if (!IsPart(type)) yield return ("object", new JsonObject { ["a"] = "b" });
        if (!IsList(type)) yield return ("list", new JsonArray([JsonValue.Create("a")]));
    }

    static IEnumerable<BadField> Unknown(KindInfo kind)
    {
        foreach (var path in new[] { "nonsense", "spec.nonsense", "metadata.nonsense" }) yield return Bad(kind, path, "unknown", "x");
    }

    static BadField Bad(KindInfo kind, string field, string what, JsonNode? value, bool remove = false)
    {
        var document = SoundObject(kind);
        var steps = field.Split('.');
        var part = document;
        foreach (var step in steps[..^1]) part = part[step] as JsonObject ?? (JsonNode)(part[step] = new JsonObject());
        if (remove) part.AsObject().Remove(steps[^1]);
        else part[steps[^1]] = value?.DeepClone();
        return new(kind.Name, field, what, document.ToJsonString());
    }

    static JsonNode OtherValue(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (type == typeof(Cidr)) return "10.200.8.0/27";
        if (type == typeof(string)) return "other";
        if (type.IsEnum) return type.GetEnumNames()[^1];
        if (IsNumber(type)) return 27;
        return type == typeof(PoolReference) ? new JsonObject { ["name"] = "other" } : new JsonObject { ["matchLabels"] = new JsonObject { ["a"] = "b" } };
    }

    static Type SpecOf(KindInfo kind) => kind.Type.GetProperty("Spec")!.PropertyType;

    static string Name(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    static bool IsText(Type type) => type == typeof(string) || type.IsEnum || type == typeof(Cidr) || type == typeof(DateTimeOffset);

    static bool IsNumber(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(double);

    static bool IsList(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && !IsMap(type);

    static bool IsMap(Type type) => typeof(IDictionary).IsAssignableFrom(type) || type.Name.Contains("Dictionary", StringComparison.Ordinal);

    static bool IsPart(Type type) => IsMap(type) || (type.IsClass && type != typeof(string) && !IsList(type));
}
