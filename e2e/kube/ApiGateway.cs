using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Federation.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.E2E;

/// <summary>What a gateway does to requests to an API server. Closed.</summary>
abstract record ApiFault
{
    ApiFault()
    {
    }

    /// <summary>Answered in the server's place, as an overloaded or broken one does.</summary>
    public sealed record Refused(int Code, int? RetryAfterSeconds = null) : ApiFault;

    /// <summary>Passed on so much later.</summary>
    public sealed record Slow(TimeSpan By) : ApiFault;

    /// <summary>Watches are told that what they want to go on from is no longer known; all else passes.</summary>
    public sealed record Forgetful : ApiFault;

    /// <summary>Connections end without an answer, those of open watches too.</summary>
    public sealed record Broken : ApiFault;
}

/// <summary>Between an agent and its cluster's API server: passes requests on as they are, watches too, and plays faults.</summary>
sealed class ApiGateway : IAsyncDisposable
{
    static readonly string[] Withheld = ["Host", "Connection", "Transfer-Encoding", "Content-Length"];

    readonly WebApplication app;
    readonly KubernetesConnection server;
    readonly Lock gate = new();
    CancellationTokenSource open = new();
    ApiFault? fault;
    int met;
    int lists;

    ApiGateway(KubeServer behind)
    {
        server = KubernetesConnection.FromKubeconfig(behind.WriteKubeconfig("bare.kubeconfig", "{}"));
        var certificate = X509Certificate2.CreateFromPemFile(behind.Keys.Path("server.crt"), behind.Keys.Path("server.key"));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        }));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Requests that met the fault that is being played.</summary>
    public int Met => Volatile.Read(ref met);

    /// <summary>Lists that were passed on.</summary>
    public int Lists => Volatile.Read(ref lists);

    public static async Task<ApiGateway> StartAsync(KubeServer server, CancellationToken cancel)
    {
        var gateway = new ApiGateway(server);
        await gateway.app.StartAsync(cancel);
        return gateway;
    }

    /// <summary>Does so from here on; null passes everything. Watches that are open go on, unless they are to break or to forget.</summary>
    public void Play(ApiFault? wanted)
    {
        lock (gate)
        {
            (fault, met) = (wanted, 0);
            if (wanted is not (ApiFault.Broken or ApiFault.Forgetful)) return;
            open.Cancel();
            open = new();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Play(new ApiFault.Broken());
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
        server.Dispose();
        open.Dispose();
    }

    async Task AnswerAsync(HttpContext context)
    {
        var (playing, ends) = Meet(IsWatch(context));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ends);
        try
        {
            switch (playing)
            {
                case ApiFault.Broken:
                    context.Abort();
                    break;
                case ApiFault.Refused(var code, var after):
                    await RefuseAsync(context, code, after, code == StatusCodes.Status429TooManyRequests ? "TooManyRequests" : "InternalError");
                    break;
                case ApiFault.Forgetful when IsWatch(context):
                    await RefuseAsync(context, StatusCodes.Status410Gone, retryAfter: null, "Expired");
                    break;
                case ApiFault.Slow(var by):
                    await Task.Delay(by, TimeProvider.System, either.Token);
                    await PassAsync(context, either.Token);
                    break;
                default:
                    await PassAsync(context, either.Token);
                    break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort(); // one of the two has gone, or is to
        }
    }

    (ApiFault? Fault, CancellationToken Ends) Meet(bool isWatch)
    {
        lock (gate)
        {
            if (fault is not null && (isWatch || fault is not ApiFault.Forgetful)) met++;
            return (fault, open.Token);
        }
    }

    static bool IsWatch(HttpContext context) => context.Request.Query["watch"].ToString() is "true" or "1";

    static async Task RefuseAsync(HttpContext context, int code, int? retryAfter, string reason)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        if (retryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsync($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","message":"played by the gateway","code":{{code}}}""", context.RequestAborted);
    }

    async Task PassAsync(HttpContext context, CancellationToken cancel)
    {
        var incoming = context.Request;
        if (HttpMethods.IsGet(incoming.Method) && incoming.Query.ContainsKey("limit") && !IsWatch(context)) Interlocked.Increment(ref lists);
        using var request = new HttpRequestMessage(new HttpMethod(incoming.Method), new Uri(server.Base, incoming.Path + incoming.QueryString));
        if (incoming.ContentLength is not null || incoming.Headers.TransferEncoding.Count > 0 || incoming.ContentType is not null) request.Content = new StreamContent(incoming.Body);
        foreach (var (name, values) in incoming.Headers.Where(static header => header.Key[0] != ':' && !Withheld.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(static header => !Withheld.Contains(header.Key, StringComparer.OrdinalIgnoreCase))) context.Response.Headers[name] = values.ToArray();
        await context.Response.BodyWriter.FlushAsync(cancel);
        await response.RelayBodyAsync(context.Response, cancel);
    }
}
