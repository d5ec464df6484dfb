using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Federation.Resources;

/// <summary>Checks objects by the rules their types carry. All errors are collected, each naming its field.</summary>
public static class ObjectValidation
{
    static readonly ConcurrentDictionary<Type, TypeRules> Rules = new();

    public static List<FieldError> Errors(KindInfo kind, Resource resource)
    {
        List<FieldError> errors = [];
        MetadataValidation.Check(kind, resource.Metadata, errors);
        CheckUnder("spec", resource.Intent, errors);
        CheckUnder("status", resource.Report, errors);
        if (resource is IValidated whole) errors.AddRange(whole.Validate());
        return errors;
    }

    /// <summary>Which fields that may never change differ between two versions of an object.</summary>
    public static List<FieldError> Changes(Resource before, Resource after) =>
        before.Intent is { } was && after.Intent is { } wanted ? [.. Changes(was, wanted).Select(error => error.Under("spec"))] : [];

    static IEnumerable<FieldError> Changes(object before, object after) => RulesOf(before.GetType()).Immutable
        .Where(rule => !ResourceJson.Same(rule.Read(before), rule.Read(after)))
        .Select(rule => FieldError.Invalid(rule.Name, Text(rule.Read(after)), "field is immutable"));

    static string Text(object? value) => value is null ? "null" : JsonSerializer.Serialize(value, value.GetType(), ResourceJson.Lenient).Trim('"');

    /// <summary>Errors of a part, named from the object that holds it under this name on.</summary>
    static void CheckUnder(string name, object? part, List<FieldError> errors)
    {
        if (part is null) return;
        var own = errors.Count;
        Check(part, errors);
        for (; own < errors.Count; own++) errors[own] = errors[own].Under(name);
    }

    static void Check(object part, List<FieldError> errors)
    {
        foreach (var rule in RulesOf(part.GetType()).Checked)
        {
            var value = rule.Read(part);
            if (rule.Failure(value) is { } error) errors.Add(error);
            CheckInner(rule.Name, value, errors);
        }

        if (part is IValidated validated) errors.AddRange(validated.Validate());
    }

    static void CheckInner(string name, object? value, List<FieldError> errors)
    {
        if (value is null or string or IDictionary) return;
        if (value is not IEnumerable list)
        {
            if (IsStructured(value.GetType())) CheckUnder(name, value, errors);
            return;
        }

        var index = 0;
        foreach (var item in list)
        {
            if (item is null) errors.Add(FieldError.Required($"{name}[{index}]", "must not be null"));
            else if (IsStructured(item.GetType())) CheckUnder($"{name}[{index}]", item, errors);
            index++;
        }
    }

    static bool IsStructured(Type type) => type.IsClass && type != typeof(string) && type.Namespace?.StartsWith("Federation", StringComparison.Ordinal) is true;

    static TypeRules RulesOf(Type type) => Rules.GetOrAdd(type, static type =>
    {
        List<FieldRule> rules = [.. ResourceJson.Lenient.GetTypeInfo(type).Properties.Where(static field => field.Set is not null).Select(static field => new FieldRule(field, (PropertyInfo)field.AttributeProvider!))];
        return new([.. rules.Where(static rule => rule.MayFail)], [.. rules.Where(static rule => rule.IsImmutable)]);
    });

    /// <summary>The fields of a type that can be wrong, and those that may never change.</summary>
    sealed record TypeRules(FieldRule[] Checked, FieldRule[] Immutable);

    sealed class FieldRule(JsonPropertyInfo json, PropertyInfo property)
    {
        readonly bool isRequired = property.GetCustomAttribute<RequiredAttribute>() is not null;
        readonly BoundsAttribute? bounds = property.GetCustomAttribute<BoundsAttribute>();
        readonly int? lengthMin = property.GetCustomAttribute<MinLengthAttribute>()?.Length;
        readonly int? lengthMax = property.GetCustomAttribute<MaxLengthAttribute>()?.Length;
        readonly Func<object, object?> read = json.Get!;

        public string Name { get; } = json.Name;

        public bool IsImmutable { get; } = property.GetCustomAttribute<ImmutableFieldAttribute>() is not null;

        /// <summary>Whether the field has a rule of its own, or parts that may have.</summary>
        public bool MayFail => isRequired || bounds is not null || lengthMin is not null || lengthMax is not null
            || IsStructured(property.PropertyType) || (property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)));

        public object? Read(object part) => read(part);

        public FieldError? Failure(object? value) => value switch
        {
            null => isRequired ? FieldError.Required(Name, "must be given") : null,
            int number => OutOfBounds(number),
            long number => OutOfBounds(number),
            string text when text.Length < lengthMin => FieldError.Invalid(Name, text, $"must have at least {lengthMin} characters"),
            string text when text.Length > lengthMax => FieldError.TooLong(Name, lengthMax.Value),
            ICollection list when list.Count > lengthMax => FieldError.TooMany(Name, list.Count, lengthMax.Value),
            _ => null,
        };

        FieldError? OutOfBounds(long number) => bounds is null || (number >= bounds.Minimum && number <= bounds.Maximum)
            ? null
            : FieldError.Invalid(Name, number, $"must be between {bounds.Minimum} and {bounds.Maximum}");
    }
}
