using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Federation.Domain.Addressing;

namespace Federation.Resources;

/// <summary>Says field by field why a JSON document is no object of a type. Asked only for documents that were refused.</summary>
public static class DocumentErrors
{
    const int ErrorsMax = 64;

    public static List<FieldError> Find(JsonElement document, Type type)
    {
        List<FieldError> errors = [];
        Check(document, type, "", errors);
        return errors;
    }

    static void Check(JsonElement value, Type type, string path, List<FieldError> errors)
    {
        if (errors.Count >= ErrorsMax || value.ValueKind is JsonValueKind.Null) return;
        type = Nullable.GetUnderlyingType(type) ?? type;

        if (type == typeof(JsonElement) || type == typeof(object)) return;
        if (type == typeof(FieldsText)) Expect(JsonValueKind.Object, "object", value, path, errors);
        else if (type == typeof(string)) Expect(JsonValueKind.String, "string", value, path, errors);
        else if (type == typeof(bool)) ExpectBoolean(value, path, errors);
        else if (type == typeof(int) || type == typeof(long)) ExpectInteger(value, type, path, errors);
        else if (type == typeof(double)) Expect(JsonValueKind.Number, "number", value, path, errors);
        else if (type == typeof(Cidr)) ExpectCidr(value, path, errors);
        else if (type == typeof(DateTimeOffset)) ExpectMoment(value, path, errors);
        else if (type.IsEnum) ExpectName(value, type, path, errors);
        else if (type == typeof(ImmutableSortedDictionary<string, string>)) CheckMap(value, path, errors);
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) CheckList(value, type.GetGenericArguments()[0], path, errors);
        else CheckObject(value, type, path, errors);
    }

    static void CheckObject(JsonElement value, Type type, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.Object, "object", value, path, errors)) return;

        var fields = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.CanWrite)
            .ToDictionary(static property => JsonNamingPolicy.CamelCase.ConvertName(property.Name), StringComparer.Ordinal);
        HashSet<string> seen = [];
        foreach (var member in value.EnumerateObject())
        {
            var at = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (errors.Count >= ErrorsMax) return;
            if (!seen.Add(member.Name)) errors.Add(FieldError.Duplicate(at, member.Name));
            else if (fields.TryGetValue(member.Name, out var field)) Check(member.Value, field.PropertyType, at, errors);
            else errors.Add(FieldError.Unknown(at));
        }
    }

    static void CheckList(JsonElement value, Type item, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.Array, "array", value, path, errors)) return;
        var index = 0;
        foreach (var element in value.EnumerateArray())
        {
            var at = $"{path}[{index++}]";
            if (element.ValueKind is JsonValueKind.Null) errors.Add(FieldError.Required(at, "must not be null"));
            else Check(element, item, at, errors);
        }
    }

    static void CheckMap(JsonElement value, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.Object, "object", value, path, errors)) return;
        foreach (var member in value.EnumerateObject())
        {
            if (errors.Count >= ErrorsMax) return;
            Expect(JsonValueKind.String, "string", member.Value, $"{path}[{member.Name}]", errors);
        }
    }

    static bool Expect(JsonValueKind wanted, string name, JsonElement value, string path, List<FieldError> errors)
    {
        if (value.ValueKind == wanted) return true;
        errors.Add(FieldError.WrongType(path, TypeName(value), name));
        return false;
    }

    static void ExpectBoolean(JsonElement value, string path, List<FieldError> errors)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) errors.Add(FieldError.WrongType(path, TypeName(value), "boolean"));
    }

    static void ExpectInteger(JsonElement value, Type type, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.Number, "integer", value, path, errors)) return;
        if (type == typeof(int) ? !value.TryGetInt32(out _) : !value.TryGetInt64(out _)) errors.Add(FieldError.Invalid(path, value.GetRawText(), "must be a whole number in range"));
    }

    static void ExpectCidr(JsonElement value, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.String, "string", value, path, errors)) return;
        if (!Cidr.TryParse(value.GetString(), out _)) errors.Add(FieldError.Invalid(path, value.GetString(), CidrText.Explain(value.GetString())));
    }

    static void ExpectMoment(JsonElement value, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.String, "string", value, path, errors)) return;
        if (!value.TryGetDateTimeOffset(out _)) errors.Add(FieldError.Invalid(path, value.GetString(), "must be an RFC 3339 moment, as 2026-01-02T03:04:05Z"));
    }

    static void ExpectName(JsonElement value, Type type, string path, List<FieldError> errors)
    {
        if (!Expect(JsonValueKind.String, "string", value, path, errors)) return;
        var names = Enum.GetNames(type).Where(static name => name != "Unspecified").ToList();
        if (!names.Contains(value.GetString()!)) errors.Add(FieldError.Unsupported(path, value.GetString(), names));
    }

    static string TypeName(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
