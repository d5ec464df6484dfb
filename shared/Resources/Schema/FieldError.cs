namespace Federation.Resources;

/// <summary>One thing wrong with an object: which field, why in one of Kubernetes' cause words, and what would be right.</summary>
/// <param name="Field">Path from where the error was found, as <c>spec.prefixLength</c> or <c>spec.reservations[2]</c>.</param>
/// <param name="Cause">Kubernetes' <c>CauseType</c>, as <c>FieldValueInvalid</c>.</param>
/// <param name="Message">For people: what was given and what would be right.</param>
public sealed record FieldError(string Field, string Cause, string Message)
{
    /// <summary>The cause of a field that the type does not have.</summary>
    public const string UnknownField = "FieldUnknown";

    /// <summary>The cause of a field or item that is there twice.</summary>
    public const string DuplicateField = "FieldValueDuplicate";

    public static FieldError Invalid(string field, object? value, string rule) =>
        new(field, "FieldValueInvalid", $"Invalid value: {Quote(value)}: {rule}");

    public static FieldError Required(string field, string rule) => new(field, "FieldValueRequired", $"Required value: {rule}");

    public static FieldError Forbidden(string field, string rule) => new(field, "FieldValueForbidden", $"Forbidden: {rule}");

    public static FieldError Unsupported(string field, object? value, IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported",
            $"Unsupported value: {Quote(value)}: supported values: {string.Join(", ", supported.Select(name => $"\"{name}\""))}");

    public static FieldError TooLong(string field, int limit) => new(field, "FieldValueTooLong", $"Too long: may not be longer than {limit}");

    public static FieldError TooMany(string field, int count, int limit) =>
        new(field, "FieldValueTooMany", $"Too many: {count}: must have at most {limit} items");

    public static FieldError WrongType(string field, string found, string wanted) =>
        new(field, "FieldValueTypeInvalid", $"Invalid value: \"{found}\": must be of type {wanted}");

    public static FieldError Unknown(string field) => new(field, UnknownField, $"unknown field \"{field}\"");

    public static FieldError Duplicate(string field, object? value) => new(field, DuplicateField, $"Duplicate value: {Quote(value)}");

    /// <summary>The same error, seen from the object that holds this one under <paramref name="parent"/>.</summary>
    public FieldError Under(string parent) => this with { Field = Field.Length == 0 ? parent : $"{parent}.{Field}" };

    static string Quote(object? value) => value is string text ? $"\"{Shorten(text)}\"" : Shorten($"{value ?? "null"}");

    static string Shorten(string text) => text.Length <= 128 ? text : $"{text[..128]}...";
}

/// <summary>A part of an object with rules between its fields. Errors name fields from this part on.</summary>
public interface IValidated
{
    IEnumerable<FieldError> Validate();
}
