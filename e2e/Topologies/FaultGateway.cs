using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Federation.Proto.V1;
using Federation.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.E2E;

/// <summary>What a gateway answers in the hub's place. Closed.</summary>
abstract record GatewayFault
{
    GatewayFault()
    {
    }

    /// <summary>A page with this status, as proxies have them.</summary>
    public sealed record Page(int Status) : GatewayFault;

    /// <summary>What a hub would answer, with its cause where it names one.</summary>
    public sealed record Refusal(StatusCode Code, ErrorReason Reason = ErrorReason.Unspecified, string Message = "played by the gateway") : GatewayFault;

    /// <summary>Nothing, for as long as the caller waits.</summary>
    public sealed record Silence : GatewayFault;
}

/// <summary>
/// A gateway of HTTP/2 in front of a hub: it passes calls on, streams too, and answers some in the hub's place.
/// </summary>
sealed class FaultGateway : IAsyncDisposable
{
    static readonly string[] Withheld = ["Host", "Content-Type", "Transfer-Encoding"];

    readonly WebApplication app;
    readonly HttpMessageInvoker client = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false });
    readonly Uri hub;
    readonly ConcurrentDictionary<string, int> played = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, int> passed = new(StringComparer.Ordinal);
    volatile (GatewayFault Fault, string? Method)[] faults = [];

    FaultGateway(Uri hub)
    {
        this.hub = hub;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<FaultGateway> StartAsync(Uri hub, CancellationToken cancel)
    {
        var gateway = new FaultGateway(hub);
        await gateway.app.StartAsync(cancel);
        return gateway;
    }

    /// <summary>Answers so in the hub's place from here on.</summary>
    /// <param name="method">Calls of this method alone; null means all.</param>
    public void Play(GatewayFault fault, string? method = null) => faults = [(fault, method)];

    /// <summary>How many calls of a method were answered in the hub's place.</summary>
    public int Played(string method) => played.GetValueOrDefault(method);

    /// <summary>How many calls of a method were passed on to the hub.</summary>
    public int Passed(string method) => passed.GetValueOrDefault(method);

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
        client.Dispose();
    }

    async Task AnswerAsync(HttpContext context)
    {
        var method = context.Request.Path.Value!.Split('/')[^1];
        var fault = faults.Where(wanted => wanted.Method is null || wanted.Method == method).Select(static wanted => wanted.Fault).FirstOrDefault();
        try
        {
            (fault is null ? passed : played).AddOrUpdate(method, 1, static (_, count) => count + 1);
            await (fault is null ? PassAsync(context) : PlayAsync(context, fault));
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            context.Abort(); // one of the two has gone
        }
    }

    static async Task PlayAsync(HttpContext context, GatewayFault fault)
    {
        switch (fault)
        {
            case GatewayFault.Page(var status):
                context.Response.StatusCode = status;
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<h1>sorry</h1>", context.RequestAborted);
                break;
            case GatewayFault.Refusal(var code, var reason, var message):
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
                context.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
                if (reason is not ErrorReason.Unspecified) context.Response.Headers[RpcFailure.DetailsTrailer] = Convert.ToBase64String(RpcFailure.Create(code, reason, message).Trailers.GetValueBytes(RpcFailure.DetailsTrailer)!);
                break;
            default:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
                break;
        }
    }

    async Task PassAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hub, context.Request.Path)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new StreamContent(context.Request.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        foreach (var (name, values) in context.Request.Headers.Where(static header => header.Key[0] != ':' && !Withheld.Contains(header.Key))) request.Headers.TryAddWithoutValidation(name, values.AsEnumerable());

        using var response = await client.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(static header => !Withheld.Contains(header.Key) || header.Key is "Content-Type")) context.Response.Headers[name] = values.ToArray();
        await context.Response.StartAsync(context.RequestAborted);
        await response.RelayBodyAsync(context.Response, context.RequestAborted);
        foreach (var (name, values) in response.TrailingHeaders) context.Response.AppendTrailer(name, values.ToArray());
    }
}
