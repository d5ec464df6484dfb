using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>
/// The schema of a type in the dialect of OpenAPI that Kubernetes reads, made of the type and the rules it carries: what
/// validation refuses and what the schema says have one source. Structural: nothing is referred to, everything is there.
/// </summary>
public static class OpenApiSchema
{
    /// <summary>What is left to the metadata's own description.</summary>
    const string MetadataReference = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>What every block looks like; whether host bits are set, a pattern cannot tell.</summary>
    const string CidrPattern = @"^(((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])|[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))$";

    /// <summary>A kind with everything about it.</summary>
    /// <param name="prefix">Where definitions are: <c>#/components/schemas/</c> or <c>#/definitions/</c>.</param>
    /// <param name="besideReferences">Whether what stands beside a <c>$ref</c> is read, as in OpenAPI 2; its readers know no <c>allOf</c>.</param>
    public static JsonObject Of(KindInfo kind, string prefix, bool besideReferences = false)
    {
        var metadata = Reference(prefix, MetadataReference);
        var properties = new JsonObject
        {
            ["apiVersion"] = Text("The version of the API this object is written in."),
            ["kind"] = Text("The kind of this object."),
            ["metadata"] = Described(besideReferences ? metadata : new() { ["allOf"] = new JsonArray(metadata) }, "Standard object's metadata."),
        };
        foreach (var property in Parts(kind.Type))
        {
            properties[Name(property)] = property.Name switch
            {
                "Spec" => Described(Of(property.PropertyType), "What is wanted."),
                "Status" => Described(Of(property.PropertyType), "What is so, as the hub and its edges last found it."),
                _ => OfProperty(property),
            };
        }

        return new()
        {
            ["description"] = kind.Description,
            ["type"] = "object",
            ["properties"] = properties,
            ["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind)),
        };
    }

    /// <summary>What an object has besides what all objects have.</summary>
    static IEnumerable<PropertyInfo> Parts(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => property.CanWrite && property.DeclaringType != typeof(Resource));

    /// <summary>A value of this type.</summary>
    public static JsonObject Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return new() { ["type"] = "string" };
        if (type == typeof(bool)) return new() { ["type"] = "boolean" };
        if (type == typeof(int)) return new() { ["type"] = "integer", ["format"] = "int32" };
        if (type == typeof(long)) return new() { ["type"] = "integer", ["format"] = "int64" };
        if (type == typeof(double)) return new() { ["type"] = "number", ["format"] = "double" };
        if (type == typeof(Cidr)) return new() { ["type"] = "string", ["maxLength"] = Cidr.TextMax, ["pattern"] = CidrPattern, ["example"] = "10.1.0.0/24" };
        if (type == typeof(DateTimeOffset)) return new() { ["type"] = "string", ["format"] = "date-time" };
        if (type == typeof(JsonElement) || type == typeof(FieldsText)) return new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type.IsEnum) return new() { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Where(static name => name is not "Unspecified").Select(static name => (JsonNode)name)]) };
        if (type == typeof(ImmutableSortedDictionary<string, string>)) return new() { ["type"] = "object", ["additionalProperties"] = Of(typeof(string)) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return new() { ["type"] = "array", ["items"] = Of(type.GetGenericArguments()[0]) };
        return OfObject(type);
    }

    public static JsonObject GroupVersionKind(KindInfo kind) => new() { ["group"] = kind.Group, ["kind"] = kind.Name, ["version"] = kind.Version };

    /// <summary>The definition every kind's metadata refers to.</summary>
    public static (string Name, JsonObject Schema) Metadata() => (MetadataReference, Described(Of(typeof(ObjectMeta)), "Metadata that all objects have."));

    static JsonObject OfObject(Type type)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite))
        {
            properties[Name(property)] = OfProperty(property);
            if (IsRequired(property)) required.Add(Name(property));
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0) schema["required"] = required;
        if (CelRules.Of(type) is { Count: > 0 } rules) schema["x-kubernetes-validations"] = rules;
        return schema;
    }

    static JsonObject OfProperty(PropertyInfo property)
    {
        var schema = Of(property.PropertyType);
        if (property.GetCustomAttribute<DescriptionAttribute>() is { Description: var text }) schema["description"] = property.GetCustomAttribute<ImmutableFieldAttribute>() is null ? text : $"{text} Cannot be changed.";
        if (property.GetCustomAttribute<BoundsAttribute>() is { } bounds) (schema["minimum"], schema["maximum"]) = (bounds.Minimum, bounds.Maximum);
        if (property.GetCustomAttribute<DefaultValueAttribute>() is { Value: { } preset }) schema["default"] = preset is bool flag ? flag : preset.ToString();
        if (property.PropertyType == typeof(IReadOnlyList<Condition>)) (schema["x-kubernetes-list-type"], schema["x-kubernetes-list-map-keys"]) = ("map", new JsonArray("type"));
        if (property.GetCustomAttribute<ItemLengthAttribute>() is { Maximum: var longest }) (schema["items"] ?? schema["additionalProperties"])!["maxLength"] = longest;
        var isList = schema["type"]!.GetValue<string>() is "array";
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } least) schema[isList ? "minItems" : "minLength"] = least.Length;
        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } most) schema[isList ? "maxItems" : schema["type"]!.GetValue<string>() is "object" ? "maxProperties" : "maxLength"] = most.Length;
        return schema;
    }

    /// <summary>What must be given: by our rules, or because the value cannot be without.</summary>
    static bool IsRequired(PropertyInfo property) => property.GetCustomAttribute<RequiredAttribute>() is not null || property.GetCustomAttribute<RequiredMemberAttribute>() is not null;

    static JsonObject Described(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }

    static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    static JsonObject Reference(string prefix, string name) => new() { ["$ref"] = prefix + name };

    static string Name(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
