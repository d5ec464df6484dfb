using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace Federation.Resources;

/// <summary>Checks objects by the rules their types carry. All errors are collected, each naming its field.</summary>
public static class ObjectValidation
{
    static readonly ConcurrentDictionary<Type, IReadOnlyList<FieldRule>> Rules = new();

    public static List<FieldError> Errors(KindInfo kind, Resource resource)
    {
        List<FieldError> errors = [.. MetadataValidation.Errors(kind, resource.Metadata)];
        if (resource.Intent is { } intent) errors.AddRange(Errors(intent).Select(error => error.Under("spec")));
        if (resource.Report is { } report) errors.AddRange(Errors(report).Select(error => error.Under("status")));
        if (resource is IValidated whole) errors.AddRange(whole.Validate());
        return errors;
    }

    /// <summary>Which fields that may never change differ between two versions of an object.</summary>
    public static List<FieldError> Changes(Resource before, Resource after) =>
        before.Intent is { } was && after.Intent is { } wanted ? [.. Changes(was, wanted).Select(error => error.Under("spec"))] : [];

    static IEnumerable<FieldError> Changes(object before, object after) => RulesOf(before.GetType())
        .Where(rule => rule.IsImmutable && !ResourceJson.Same(rule.Read(before), rule.Read(after)))
        .Select(rule => FieldError.Invalid(rule.Name, Text(rule.Read(after)), "field is immutable"));

    static string Text(object? value) => value is null ? "null" : JsonSerializer.Serialize(value, value.GetType(), ResourceJson.Lenient).Trim('"');

    static IEnumerable<FieldError> Errors(object part)
    {
        foreach (var rule in RulesOf(part.GetType()))
        {
            var value = rule.Read(part);
            foreach (var error in rule.Errors(value)) yield return error;
            foreach (var error in Inner(rule.Name, value)) yield return error;
        }

        if (part is not IValidated validated) yield break;
        foreach (var error in validated.Validate()) yield return error;
    }

    static IEnumerable<FieldError> Inner(string name, object? value) => value switch
    {
        null or string => [],
        IDictionary => [],
        IEnumerable list => list.Cast<object?>().SelectMany((item, index) =>
            item is null ? [FieldError.Required($"{name}[{index}]", "must not be null")] : Structured(item) ? Errors(item).Select(error => error.Under($"{name}[{index}]")) : []),
        _ => Structured(value) ? Errors(value).Select(error => error.Under(name)) : [],
    };

    static bool Structured(object value) => value.GetType() is { IsClass: true } type && type != typeof(string) && type.Namespace?.StartsWith("Federation", StringComparison.Ordinal) is true;

    static IReadOnlyList<FieldRule> RulesOf(Type type) => Rules.GetOrAdd(type, static type =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.GetIndexParameters().Length == 0 && property.CanWrite).Select(static property => new FieldRule(property))]);

    sealed class FieldRule(PropertyInfo property)
    {
        readonly bool isRequired = property.GetCustomAttribute<RequiredAttribute>() is not null;
        readonly BoundsAttribute? bounds = property.GetCustomAttribute<BoundsAttribute>();
        readonly int? lengthMin = property.GetCustomAttribute<MinLengthAttribute>()?.Length;
        readonly int? lengthMax = property.GetCustomAttribute<MaxLengthAttribute>()?.Length;

        public string Name { get; } = JsonNamingPolicy.CamelCase.ConvertName(property.Name);

        public bool IsImmutable { get; } = property.GetCustomAttribute<ImmutableFieldAttribute>() is not null;

        public object? Read(object part) => property.GetValue(part);

        public IEnumerable<FieldError> Errors(object? value) => value switch
        {
            null => isRequired ? [FieldError.Required(Name, "must be given")] : [],
            int number => OutOfBounds(number),
            long number => OutOfBounds(number),
            string text when text.Length < lengthMin => [FieldError.Invalid(Name, text, $"must have at least {lengthMin} characters")],
            string text when text.Length > lengthMax => [FieldError.TooLong(Name, lengthMax.Value)],
            ICollection list when list.Count > lengthMax => [FieldError.TooMany(Name, list.Count, lengthMax.Value)],
            _ => [],
        };

        IEnumerable<FieldError> OutOfBounds(long number) => bounds is null || (number >= bounds.Minimum && number <= bounds.Maximum)
            ? []
            : [FieldError.Invalid(Name, number, $"must be between {bounds.Minimum} and {bounds.Maximum}")];
    }
}
