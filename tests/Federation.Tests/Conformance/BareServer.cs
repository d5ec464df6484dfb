using System.Net;
using Federation.ApiServer;
using Federation.E2E;
using Federation.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Conformance;

/// <summary>Our API server with no rules of any kind: nobody answers claims, as on a cluster without controllers.</summary>
sealed class BareServer : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly WebApplication app;
    readonly Task running;

    BareServer(WebApplication app, Uri address)
    {
        this.app = app;
        Http = new HttpClient { BaseAddress = address, Timeout = Limits.Longest };
        running = app.Services.GetRequiredService<ObjectStore>().RunAsync(stop.Token);
    }

    public HttpClient Http { get; }

    public ObjectStore Store => app.Services.GetRequiredService<ObjectStore>();

    public static async Task<BareServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var port = FreePorts.Take(1)[0];
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IObjectStorage, NoStorage>().AddSingleton(new ApiMetrics(new UnheardMeters()));
        builder.Services.AddSingleton<ObjectStore>().AddSingleton(static provider => ApiServerSetup.Api(provider)).AddSingleton<ApiEndpoint>();
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<ApiEndpoint>().ServeAsync);
        await app.StartAsync().Within();
        return new(app, new($"http://127.0.0.1:{port}"));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync(new CancellationToken(canceled: true)).Within();
        await stop.CancelAsync();
        await Task.WhenAny(running).Within();
        await app.DisposeAsync();
        stop.Dispose();
    }

    /// <summary>A disk that keeps nothing.</summary>
    sealed class NoStorage : IObjectStorage
    {
        public ValueTask<StoredState> LoadAsync(CancellationToken cancel) => ValueTask.FromResult(new StoredState("bare", 1, []));

        public ValueTask CommitAsync(CommitBatch batch) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
