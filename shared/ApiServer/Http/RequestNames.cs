using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>What a request asks for, in Kubernetes' words: for metrics and traces.</summary>
static class RequestNames
{
    public const string Watch = "watch";

    const string Other = "other";

    /// <summary>The verb, and the plural of the kind: both of a small set, whatever the client sends.</summary>
    public static (string Verb, string Resource) Of(HttpRequest request, ResourcePath? target) => target is null
        ? (HttpMethods.IsGet(request.Method) ? "get" : Other, "")
        : (Verb(request, target.Name is null), target.Kind.Plural);

    static string Verb(HttpRequest request, bool isCollection) => (request.Method, isCollection) switch
    {
        ("GET", false) => "get",
        ("GET", true) => request.Query["watch"].ToString() is "true" or "1" ? Watch : "list",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", false) => "delete",
        ("DELETE", true) => "deletecollection",
        _ => Other,
    };
}
