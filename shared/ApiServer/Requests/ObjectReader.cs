using System.Text.Json;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Turns a request's JSON into an object, or into an answer that names every field that is wrong.</summary>
public static class ObjectReader
{
    static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = ResourceJson.DepthMax };

    public static Resource Read(KindInfo kind, ReadOnlyMemory<byte> json, WriteOptions options)
    {
        try
        {
            return (Resource?)JsonSerializer.Deserialize(json.Span, kind.Type, ResourceJson.Strict) ?? throw ApiErrors.BadRequest("the body is null; send an object");
        }
        catch (JsonException e)
        {
            return Explain(kind, json, options, e);
        }
    }

    static Resource Explain(KindInfo kind, ReadOnlyMemory<byte> json, WriteOptions options, JsonException refusal)
    {
        using var document = Parse(json);
        if (Check(kind, document.RootElement, options) == 0) throw ApiErrors.BadRequest($"the body is no {kind.Name}", [new(refusal.Path ?? "", "FieldValueInvalid", "cannot be read")]);
        return ResourceJson.Read(json.Span, kind.Type);
    }

    /// <summary>Refuses what is of a wrong type, and what no type knows as far as the client lets it; answers how many fields are dropped.</summary>
    public static int Check(KindInfo kind, JsonElement document, WriteOptions options)
    {
        var errors = DocumentErrors.Find(document, kind.Type);
        var (unknown, wrong) = (errors.Where(IsUnknown).ToList(), errors.Where(static error => !IsUnknown(error)).ToList());
        if (wrong.Count > 0) throw ApiErrors.Invalid(kind, JsonPath.Text(document, "metadata.name"), wrong);
        if (unknown.Count > 0 && options.FieldValidation is FieldValidation.Strict)
        {
            throw ApiErrors.BadRequest($"strict decoding error: {string.Join(", ", unknown.Select(Text))}", unknown);
        }

        if (options.FieldValidation is FieldValidation.Warn) foreach (var error in unknown) options.Warn?.Invoke(Text(error));
        return unknown.Count;
    }

    /// <summary>As Kubernetes words it.</summary>
    static string Text(FieldError error) => error.Cause is FieldError.DuplicateField ? $"duplicate field \"{error.Field}\"" : error.Message;

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
}
