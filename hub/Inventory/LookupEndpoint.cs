using System.Text.Json;
using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Who holds an address, over the API: <c>kubectl get --raw '/apis/ipam.federation.io/v1alpha1/lookup?address=10.1.2.3'</c>.
/// </summary>
sealed class LookupEndpoint(LookupDesk desk, ObjectStore store)
{
    public const string Path = $"/apis/{ApiGroup.GroupVersion}/lookup";

    public static bool IsMeant(HttpRequest request) => request.Path == Path;

    public async Task ServeAsync(HttpContext context)
    {
        try
        {
            await store.ReadyAsync(context.RequestAborted);
            if (!HttpMethods.IsGet(context.Request.Method)) throw ApiErrors.MethodNotAllowed(context.Request.Method);
            await AnswerAsync(context, desk.Find(Address(context.Request.Query["address"].ToString())));
        }
        catch (ApiException e)
        {
            await ApiEndpoint.AnswerFailureAsync(context, e.Status);
        }
    }

    static Cidr Address(string text)
    {
        if (text.Length == 0) throw Wrong("address", text, "must be an address, as lookup?address=10.1.2.3");
        if (text.Length <= 64 && !text.Contains('/') && Cidr.TryParse($"{text}/{(text.Contains(':') ? 128 : 32)}", out var address)) return address;
        throw Wrong("address", text.Length <= 64 ? text : text[..64], "must be one IPv4 or IPv6 address in its usual spelling");
    }

    static ApiException Wrong(string field, string value, string rule) => ApiErrors.BadRequest($"{field}: {rule}", [FieldError.Invalid(field, value, rule)]);

    static async Task AnswerAsync<T>(HttpContext context, T answer)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer, ResourceJson.Lenient), context.RequestAborted);
    }
}
