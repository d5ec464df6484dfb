using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Federation.ApiServer;
using Federation.Edge;
using Federation.Tests.Grpc;
using Federation.Tests.Hub;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Telemetry;

/// <summary>A whole edge with an API of its own in this process: real sockets, real SQLite, and a hub wherever one is said to be.</summary>
sealed class TestEdge : IAsyncDisposable
{
    readonly WebApplication app;
    readonly SqliteStorage storage;
    readonly DirectoryInfo folder;
    readonly LoggedErrors errors;

    TestEdge(WebApplication app, SqliteStorage storage, DirectoryInfo folder, EdgeOptions options, LoggedErrors errors)
    {
        (this.app, this.storage, this.folder, this.errors) = (app, storage, folder, errors);
        Http = new HttpClient { BaseAddress = options.ApiUrl, Timeout = TimeSpan.FromSeconds(20) };
        Operations = new HttpClient { BaseAddress = options.OpsUrl, Timeout = TimeSpan.FromSeconds(20) };
    }

    public HttpClient Http { get; }

    /// <summary>The listener for operations alone.</summary>
    public HttpClient Operations { get; }

    public T Get<T>() where T : class => app.Services.GetRequiredService<T>();

    public static async Task<TestEdge> StartAsync(Uri hub)
    {
        var folder = Directory.CreateTempSubdirectory("federation-test-");
        var storage = SqliteStorage.Open(folder.FullName);
        var errors = new LoggedErrors();
        var options = new EdgeOptions { Name = "east", Hub = hub, Embedded = true, Data = folder.FullName, ApiUrl = Local(), OpsUrl = Local() };
        var app = EdgeApp.Build(options, storage, TimeProvider.System, logging => logging.ClearProviders().AddProvider(errors));
        await app.StartAsync().Within();
        var edge = new TestEdge(app, storage, folder, options, errors);
        await edge.UntilAsync("/readyz", HttpStatusCode.OK);
        return edge;
    }

    /// <summary>Waits until a check answers so; what it said then.</summary>
    public async Task<string> UntilAsync(string check, HttpStatusCode code)
    {
        var cancel = Limits.Cancel;
        while (true)
        {
            using var answer = await Operations.GetAsync(new Uri(check, UriKind.Relative), cancel);
            if (answer.StatusCode == code) return await answer.Content.ReadAsStringAsync(cancel);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        }
    }

    public async Task<Exposition> MetricsAsync() => Exposition.Read(await Operations.GetStringAsync(new Uri("/metrics", UriKind.Relative)).Within());

    /// <summary>Files a claim, in a trace if one is given, and waits for its block.</summary>
    public async Task<JsonNode> BindAsync(string name, string spec, string? traceParent = null)
    {
        var path = $"/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims";
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent($$"""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"name":"{{name}}"},"spec":{{spec}} }""", Encoding.UTF8, "application/json") };
        if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        using (var answer = await Http.SendAsync(request).Within()) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var cancel = Limits.Cancel;
        while (true)
        {
            var claim = JsonNode.Parse(await Http.GetStringAsync(new Uri($"{path}/{name}", UriKind.Relative), cancel))!;
            if (claim.Phase is "Bound") return claim;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Operations.Dispose();
        await app.StopAsync(new CancellationToken(canceled: true)).Within();
        foreach (var service in app.Services.GetServices<IHostedService>().OfType<BackgroundService>()) await Task.WhenAny(service.ExecuteTask!).Within();
        await app.DisposeAsync();
        await storage.DisposeAsync();
        folder.Delete(recursive: true);
        var logged = errors.TakeAll();
        Assert.True(logged.Count == 0, string.Join('\n', logged));
    }

    static Uri Local()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
