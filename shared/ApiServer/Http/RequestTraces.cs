using System.Diagnostics;
using Federation.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>What a trace shows of a request.</summary>
static class RequestTraces
{
    /// <summary>Goes on with the client's trace. A watch is no piece of work, and has no span.</summary>
    public static Activity? Begin(HttpRequest request, string verb, string resource)
    {
        if (verb is RequestNames.Watch || !TraceSources.Api.HasListeners()) return null;
        var parent = TraceContext.Read(request.Headers.TraceParent, request.Headers.TraceState);
        return TraceContext.Begin(TraceSources.Api, $"{verb} {resource}".TrimEnd(), ActivityKind.Server, parent)
            ?.SetTag("http.request.method", request.Method).SetTag("url.path", request.Path.Value);
    }

    public static void End(Activity? span, int code)
    {
        span?.SetTag("http.response.status_code", code);
        if (code >= 500) span?.SetStatus(ActivityStatusCode.Error);
    }
}
