using Federation.Resources;
using Microsoft.AspNetCore.Http;

namespace Federation.ApiServer;

/// <summary>What a request is about, as rules of access are written: a verb, and a kind or an object of it.</summary>
public sealed record RequestTarget(string Verb, KindInfo Kind, string? Namespace, string? Name, string? Subresource)
{
    /// <summary>Null for what is no resource: discovery, descriptions, checks.</summary>
    public static RequestTarget? Read(HttpRequest request)
    {
        if (ResourcePath.Read(request.Path.Value ?? "/") is not { } path) return null;
        return new(RequestNames.Of(request, path).Verb, path.Kind, path.Namespace, path.Name, path.IsStatus ? "status" : null);
    }
}
