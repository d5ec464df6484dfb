using System.Text.Json.Nodes;
using Federation.Resources;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>What a write asks for besides its object, in query and headers; of a delete, in its body.</summary>
static class WriteQuery
{
    const int ManagerMax = 128;

    /// <param name="patch">The kind of patch; unspecified for other writes.</param>
    public static WriteOptions Read(HttpContext context, PatchKind patch = PatchKind.Unspecified)
    {
        var query = context.Request.Query;
        var validation = query["fieldValidation"].ToString() switch
        {
            "" or "Strict" => FieldValidation.Strict,
            "Warn" => FieldValidation.Warn,
            "Ignore" => FieldValidation.Ignore,
            var other => throw ApiErrors.BadRequest("fieldValidation: unsupported value", [FieldError.Unsupported("fieldValidation", other, ["Ignore", "Warn", "Strict"])]),
        };
        return new(Actor(context), ReadDryRun(context.Request), validation, Manager(context.Request, patch), Force(query["force"].ToString(), patch), text => Warn(context.Response, text));
    }

    public static async ValueTask<DeleteOptions> ReadDeletionAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        if (body.Length == 0) return new(Actor(context), ReadDryRun(context.Request), Uid: null, ResourceVersion: null);
        if (JsonPatch.Read(body) is not JsonObject options) throw ApiErrors.BadRequest("the body is no DeleteOptions; send an object");
        if (options["preconditions"] is not (null or JsonObject)) throw ApiErrors.BadRequest("preconditions: must be an object", [FieldError.WrongType("preconditions", "value", "object")]);
        var preconditions = options["preconditions"] as JsonObject;
        return new(Actor(context), ReadDryRun(context.Request) || ReadDryRun(options["dryRun"]), preconditions?["uid"]?.ToString(), preconditions?["resourceVersion"]?.ToString());
    }

    /// <summary>Who says it is, or the program that asks, as Kubernetes takes it from its name.</summary>
    static string Manager(HttpRequest request, PatchKind patch)
    {
        var given = request.Query["fieldManager"].ToString();
        if (given.Length > ManagerMax) throw ApiErrors.InvalidWrite(FieldError.TooLong("fieldManager", ManagerMax));
        if (given.Any(char.IsControl)) throw ApiErrors.InvalidWrite(FieldError.Invalid("fieldManager", given, "should only contain printable characters"));
        if (given.Length > 0) return given;
        if (patch is PatchKind.Apply) throw ApiErrors.InvalidWrite(FieldError.Required("fieldManager", "is required for apply patch"));

        var agent = string.Concat(request.Headers.UserAgent.ToString().Split('/')[0].Where(static letter => !char.IsControl(letter)).Take(ManagerMax));
        return agent.Length > 0 ? agent : "unknown";
    }

    static bool Force(string given, PatchKind patch)
    {
        if (given.Length == 0) return false;
        if (patch is not PatchKind.Apply) throw ApiErrors.InvalidWrite(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        return given switch
        {
            "true" or "1" => true,
            "false" or "0" => false,
            _ => throw ApiErrors.BadRequest("force: must be true or false", [FieldError.Unsupported("force", given, ["true", "false"])]),
        };
    }

    /// <summary>RFC 7234, 5.5: 299 is a lasting warning.</summary>
    static void Warn(HttpResponse response, string text) =>
        response.Headers.Append("Warning", $"299 - \"{string.Concat(text.Where(static letter => letter is >= ' ' and <= '~')).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    static bool ReadDryRun(HttpRequest request) => request.Query["dryRun"].ToString() switch
    {
        "" => false,
        "All" => true,
        var other => throw ApiErrors.BadRequest("dryRun: unsupported value", [FieldError.Unsupported("dryRun", other, ["All"])]),
    };

    /// <summary>kubectl says it in the body when it deletes.</summary>
    static bool ReadDryRun(JsonNode? given) => given switch
    {
        null or JsonArray { Count: 0 } => false,
        JsonArray stages when stages.All(static stage => stage is JsonValue value && value.TryGetValue<string>(out var text) && text is "All") => true,
        _ => throw ApiErrors.BadRequest("dryRun: unsupported value", [FieldError.Unsupported("dryRun", given.ToJsonString(), ["All"])]),
    };

    static string Actor(HttpContext context) => context.User.Identity?.Name ?? "anonymous";
}
