using System.Net;
using System.Security.Cryptography.X509Certificates;
using Federation.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Grpc;

/// <summary>A real server on a real socket, with the probe and the health service on it.</summary>
sealed class ProbeHost : IAsyncDisposable
{
    readonly WebApplication app;

    ProbeHost(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.Single());

    public ProbeSightings Sightings => app.Services.GetRequiredService<ProbeSightings>();

    public ServingStatuses Health => app.Services.GetRequiredService<ServingStatuses>();

    /// <summary>What was logged as an error. A test that expects some takes them out.</summary>
    public LoggedErrors Errors { get; private init; } = new();

    public static async Task<ProbeHost> StartAsync(
        X509Certificate2? certificate = null,
        X509Certificate2? clientRoot = null,
        int? streamsPerConnection = null,
        Action<WebApplication>? map = null)
    {
        var errors = new LoggedErrors();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(errors).SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.UseFederationLimits();
            if (streamsPerConnection is { } streams) kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
            kestrel.Listen(IPAddress.Loopback, 0, listen => Listen(listen, certificate, clientRoot));
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddFederationGrpc();
        builder.Services.AddSingleton<ProbeSightings>();

        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<ProbeService>();
        app.MapGrpcService<HealthService>();
        map?.Invoke(app);
        await app.StartAsync().Within();
        return new ProbeHost(app) { Errors = errors };
    }

    public HubChannel Open(TimeSpan? deadline = null) => HubChannel.Open(
        new HubChannelOptions { Address = Address, EdgeName = "munich", DefaultDeadline = deadline ?? Limits.Longest },
        TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true)).Within();
        await app.DisposeAsync();
        Assert.Empty(Errors.TakeAll());
    }

    static void Listen(ListenOptions listen, X509Certificate2? certificate, X509Certificate2? clientRoot)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (certificate is null) return;

        listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ClientCertificateMode = clientRoot is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (client, _, _) => client.Issuer == clientRoot?.Subject;
        });
    }
}
