using Federation.ApiServer;
using Federation.E2E;
using Federation.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Conditions;

/// <summary>An agent with an API of its own in this process, from its start to its stop: real sockets, and SQLite in a folder that may outlive it.</summary>
sealed class EdgeHost : IAsyncDisposable
{
    readonly WebApplication app;
    readonly SqliteStorage storage;

    EdgeHost(WebApplication app, SqliteStorage storage, EdgeOptions options) => (this.app, this.storage, Options) = (app, storage, options);

    public EdgeOptions Options { get; }

    public T Get<T>() where T : class => app.Services.GetRequiredService<T>();

    /// <param name="log">Hears all that is logged; null where nobody listens.</param>
    /// <param name="clock">Null for the machine's.</param>
    public static async Task<EdgeHost> StartAsync(DirectoryInfo data, Uri hub, ILoggerProvider? log = null, IBootClock? clock = null)
    {
        var urls = FreePorts.Take(2).Select(static port => new Uri($"http://127.0.0.1:{port}")).ToList();
        var options = new EdgeOptions { Name = "east", Hub = hub, Embedded = true, Data = data.FullName, ApiUrl = urls[0], OpsUrl = urls[1] };
        var storage = SqliteStorage.Open(data.FullName);
        var app = EdgeApp.Build(options, storage, TimeProvider.System, logging =>
        {
            logging.ClearProviders();
            if (log is not null) logging.AddProvider(log);
        }, clock);
        await app.StartAsync().Within();
        return new(app, storage, options);
    }

    /// <summary>Connections are cut, not waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true)).Within();
        foreach (var service in app.Services.GetServices<IHostedService>().OfType<BackgroundService>()) await Task.WhenAny(service.ExecuteTask!).Within();
        await app.DisposeAsync();
        await storage.DisposeAsync();
    }
}
