using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Turns a request's JSON into an object, or into an answer that names every field that is wrong.</summary>
static class ObjectReader
{
    static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = ResourceJson.DepthMax };

    public static Resource Read(KindInfo kind, ReadOnlyMemory<byte> json, FieldValidation validation)
    {
        try
        {
            return (Resource?)JsonSerializer.Deserialize(json.Span, kind.Type, ResourceJson.Strict) ?? throw ApiErrors.BadRequest("the body is null; send an object");
        }
        catch (JsonException e)
        {
            return Explain(kind, json, validation, e);
        }
    }

    static Resource Explain(KindInfo kind, ReadOnlyMemory<byte> json, FieldValidation validation, JsonException refusal)
    {
        using var document = Parse(json);
        var errors = DocumentErrors.Find(document.RootElement, kind.Type);
        var (unknown, wrong) = (errors.Where(IsUnknown).ToList(), errors.Where(static error => !IsUnknown(error)).ToList());
        if (wrong.Count > 0) throw ApiErrors.Invalid(kind, NameIn(document), wrong);
        if (unknown.Count > 0 && validation is FieldValidation.Strict)
        {
            throw ApiErrors.BadRequest($"strict decoding error: {string.Join(", ", unknown.Select(static error => error.Message))}", unknown);
        }

        if (unknown.Count == 0) throw ApiErrors.BadRequest($"the body is no {kind.Name}", [new(refusal.Path ?? "", "FieldValueInvalid", "cannot be read")]);
        return ResourceJson.Read(json.Span, kind.Type);
    }

    static bool IsUnknown(FieldError error) => error.Cause is FieldError.UnknownField or FieldError.DuplicateField;

    static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json, DocumentOptions);
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadRequest($"the body is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine})");
        }
    }

    static string NameIn(JsonDocument document) =>
        JsonPath.Find(document.RootElement, "metadata.name") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : "";
}
