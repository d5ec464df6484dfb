using System.Security.Cryptography.X509Certificates;
using Federation.ApiServer;
using Federation.Resources;
using Microsoft.AspNetCore.Connections.Features;

namespace Federation.Hub;

/// <summary>
/// Before the REST API behind TLS: finds out who asks (the API server in front, a client certificate, a token), and lets pass
/// what they may do: admins everything, viewers what only looks, all others what the cluster says, or nothing. On loopback
/// without TLS whoever can connect is trusted like a local user.
/// </summary>
sealed class AccessGate(HubOptions options, Delegation? delegation)
{
    readonly FrontProxy? proxy = options.Access.FrontProxyAuthority is { } authority ? new(authority, options.Access.FrontProxyNames) : null;

    public RequestDelegate Before(RequestDelegate api) => options.Tls is null ? api : async context =>
    {
        if (await AdmitAsync(context) is not { } refusal)
        {
            await api(context);
            return;
        }

        context.Response.StatusCode = refusal.Code ?? StatusCodes.Status403Forbidden;
        await context.Response.WriteAsJsonAsync(refusal, ResourceJson.Lenient, context.RequestAborted);
    };

    /// <summary>Why the request does not pass; null when it does.</summary>
    async Task<ApiStatus?> AdmitAsync(HttpContext context)
    {
        try
        {
            if (await CallerOfAsync(context) is not { } caller) return Refusal(StatusCodes.Status401Unauthorized, ApiReasons.Unauthorized, "Unauthorized");
            context.User = caller.ToPrincipal();
            return TargetOf(context.Request) is { } target && !await MayAsync(caller, target, context.RequestAborted) ? Forbidden(caller, target) : null;
        }
        catch (ApiException e)
        {
            return e.Status;
        }
    }

    /// <summary>Who holds an address is what all allocations say.</summary>
    static RequestTarget? TargetOf(HttpRequest request) =>
        LookupEndpoint.IsMeant(request) ? new("list", KindInfo.Of<IPAllocation>(), null, null, null) : RequestTarget.Read(request);

    async Task<Caller?> CallerOfAsync(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate) return IsProxy(context, certificate) ? FrontProxy.CallerIn(context.Request.Headers) : Caller.Of(certificate);
        return delegation is not null && context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. { Length: > 0 } token]
            ? await delegation.CallerOfAsync(token, context.RequestAborted)
            : null;
    }

    async Task<bool> MayAsync(Caller caller, RequestTarget target, CancellationToken cancel)
    {
        if (caller.Groups.Any(options.Access.AdminGroups.Contains)) return true;
        if (target.Verb is "get" or "list" or "watch" && caller.Groups.Any(options.Access.ViewerGroups.Contains)) return true;
        return delegation is not null && await delegation.MayAsync(caller, target, cancel);
    }

    /// <summary>Looked up once a connection: the certificate stays the same.</summary>
    bool IsProxy(HttpContext context, X509Certificate2 certificate)
    {
        if (proxy is null) return false;
        if (context.Features.Get<IConnectionItemsFeature>()?.Items is not { } items) return proxy.IsOf(certificate);
        lock (items)
        {
            if (items.TryGetValue(typeof(FrontProxy), out var known)) return known is true;
            var isProxy = proxy.IsOf(certificate);
            items[typeof(FrontProxy)] = isProxy;
            return isProxy;
        }
    }

    static ApiStatus Forbidden(Caller caller, RequestTarget target)
    {
        var resource = target.Subresource is null ? target.Kind.Plural : $"{target.Kind.Plural}/{target.Subresource}";
        var where = target.Namespace is null ? "at the cluster scope" : $"in the namespace \"{target.Namespace}\"";
        return Refusal(StatusCodes.Status403Forbidden, ApiReasons.Forbidden,
            $"{target.Kind}{(target.Name is null ? "" : $" \"{target.Name}\"")} is forbidden: User \"{caller.Name}\" cannot {target.Verb} resource \"{resource}\" in API group \"{target.Kind.Group}\" {where}")
            with
        { Details = new() { Group = target.Kind.Group, Kind = target.Kind.Plural, Name = target.Name } };
    }

    static ApiStatus Refusal(int code, string reason, string message) => new() { Status = "Failure", Code = code, Reason = reason, Message = message };
}
