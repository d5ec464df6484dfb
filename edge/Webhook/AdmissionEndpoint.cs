using System.Text.Json;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>Answers a cluster's API server whether it may take an object: <c>POST /validate</c>.</summary>
sealed class AdmissionEndpoint(AdmissionRules rules, ILogger<AdmissionEndpoint> log)
{
    const string Path = "/validate";

    /// <summary>Two objects of at most 1.5 MiB each, and a little about them.</summary>
    const int BodyBytesMax = 4 * 1024 * 1024;

    public async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path != Path || !HttpMethods.IsPost(context.Request.Method)) context.Response.StatusCode = StatusCodes.Status404NotFound;
        else await AnswerAsync(context);
    }

    async Task AnswerAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = BodyBytesMax;
        if (await ReadAsync(context.Request, cancel) is not { Uid: { Length: > 0 } uid } request)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        try
        {
            var refusal = await rules.RefusalAsync(request, cancel);
            var review = new AdmissionReview { Response = new() { Uid = uid, Allowed = refusal is null, Status = refusal } };
            await context.Response.WriteAsJsonAsync(review, ResourceJson.Lenient, cancel);
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
        {
            // What cannot be found out is not refused here: the finalizers hold what must be held.
            log.NotJudged(request.Operation, request.Resource?.Resource, request.Name, e);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
    }

    static async Task<AdmissionRequest?> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            return (await JsonSerializer.DeserializeAsync<AdmissionReview>(request.Body, ResourceJson.Lenient, cancel))?.Request;
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }
}
