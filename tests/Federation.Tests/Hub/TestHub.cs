using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Federation.ApiServer;
using Federation.E2E;
using Federation.Hub;
using Federation.Resources;
using Federation.Tests.Grpc;
using Federation.Tests.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Hub;

/// <summary>A whole hub in this process: real sockets, real SQLite in a folder of its own. A test fails when it logged an error nobody took.</summary>
sealed class TestHub : IAsyncDisposable
{
    readonly WebApplication app;
    readonly IObjectStorage storage;
    readonly DirectoryInfo? own;

    TestHub(WebApplication app, IObjectStorage storage, DirectoryInfo? own, Uri address, Uri grpc, LoggedErrors errors)
    {
        (this.app, this.storage, this.own, GrpcAddress, Errors) = (app, storage, own, grpc, errors);
        Http = new HttpClient { BaseAddress = address, Timeout = Limits.Longest };
    }

    public HttpClient Http { get; }

    /// <summary>Where edges connect.</summary>
    public Uri GrpcAddress { get; }

    public LoggedErrors Errors { get; }

    public ObjectStore Store => app.Services.GetRequiredService<ObjectStore>();

    public T Get<T>() where T : class => app.Services.GetRequiredService<T>();

    /// <param name="queue">How many writes may wait; null for the hub's own limit.</param>
    /// <param name="data">A folder that outlives the hub; without one it has its own.</param>
    public static async Task<TestHub> StartAsync(TimeProvider? time = null, int? queue = null, DirectoryInfo? data = null, Func<HubOptions, HubOptions>? but = null)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("federation-test-");
        var hub = await StartAsync(SqliteStorage.Open(folder.FullName), time, data is null ? folder : null, options => (but ?? (static same => same))(options with { Data = folder.FullName, Limits = queue is { } most ? new(most) : new() }));
        await hub.Store.Loaded.Within();
        return hub;
    }

    /// <summary>On any storage, which it takes over. It may stand by.</summary>
    public static async Task<TestHub> StartAsync(IObjectStorage storage, TimeProvider? time = null, DirectoryInfo? own = null, Func<HubOptions, HubOptions>? but = null)
    {
        var errors = new LoggedErrors();
        var ports = FreePorts.Take(2);
        var options = new HubOptions { ApiUrl = new($"http://127.0.0.1:{ports[0]}"), GrpcUrl = new($"http://127.0.0.1:{ports[1]}") };
        options = but?.Invoke(options) ?? options;
        var app = HubApp.Build(options, storage, time ?? TimeProvider.System, logging => logging.ClearProviders().AddProvider(errors));
        await app.StartAsync().Within();
        return new(app, storage, own, options.ApiUrl, options.GrpcUrl, errors);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await HangUpAsync(); // connections are cut, not waited for
        await Work.Within();
        await app.DisposeAsync();
        await storage.DisposeAsync();
        own?.Delete(recursive: true);
        var errors = Errors.TakeAll();
        Assert.True(errors.Count == 0, string.Join('\n', errors));
    }

    /// <summary>What it does by itself: ends when it is stopped, and fails when the store does.</summary>
    public Task Work => app.Services.GetServices<IHostedService>().OfType<HubWork>().Single().ExecuteTask!;

    /// <summary>After its work has failed: ends it, and takes the one error it logged.</summary>
    public async Task FallAsync()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => Work.Within());
        Http.Dispose();
        await HangUpAsync();
        await app.DisposeAsync();
        await storage.DisposeAsync();
        Assert.Contains(Errors.TakeAll(), static error => error.StartsWith("The store has failed", StringComparison.Ordinal));
    }

    /// <summary>Nobody can reach it from here on.</summary>
    public Task HangUpAsync() => app.StopAsync(new CancellationToken(canceled: true)).Within();

    /// <summary>Sends a request; the answer's body is JSON.</summary>
    public async Task<Answer> SendAsync(string method, string path, object? body = null, string? contentType = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = ContentOf(body, contentType ?? "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request).Within();
        var text = await response.Content.ReadAsStringAsync().Within();
        return new(response.StatusCode, text.Length > 0 && response.Content.Headers.ContentType?.MediaType is "application/json" ? JsonNode.Parse(text) : null, text);
    }

    public Task<Answer> CreateAsync(string json, string query = "")
    {
        var document = JsonNode.Parse(json)!;
        var kind = KindInfo.All.Single(kind => kind.Name == document["kind"]!.GetValue<string>());
        document["apiVersion"] ??= kind.ApiVersion;
        return SendAsync("POST", kind.Path(kind.IsNamespaced ? document["metadata"]?["namespace"]?.GetValue<string>() ?? "default" : null) + query, document);
    }

    /// <summary>A root pool.</summary>
    public async Task<JsonNode> PoolAsync(string name, string cidr, string more = "") =>
        (await CreateAsync($$"""{"kind":"IPPool","metadata":{"name":"{{name}}"},"spec":{"cidr":"{{cidr}}"{{more}} } }""")).Created();

    /// <summary>A claim as the hub answered it.</summary>
    public async Task<JsonNode> ClaimAsync(string name, string spec, string query = "") =>
        (await CreateAsync($$"""{"kind":"IPClaim","metadata":{"name":"{{name}}","namespace":"default"},"spec":{{spec}} }""", query)).Created();

    public async Task<JsonNode> ReadAsync(string path)
    {
        var answer = await SendAsync("GET", path);
        Assert.Equal(HttpStatusCode.OK, answer.Code);
        return answer.Json!;
    }

    /// <summary>What the hub says of itself, once that holds: it counts a moment after it answers.</summary>
    public async Task<Exposition> MetricsAsync(Func<Exposition, bool> holds)
    {
        var cancel = Limits.Cancel;
        while (true)
        {
            var page = Exposition.Read((await SendAsync("GET", "/metrics")).Text);
            if (holds(page)) return page;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        }
    }

    public static string ClaimPath(string name) => $"/apis/ipam.federation.io/v1alpha1/namespaces/default/ipclaims/{name}";

    public static string PoolPath(string name) => $"/apis/ipam.federation.io/v1alpha1/ippools/{name}";

    static ByteArrayContent ContentOf(object body, string contentType)
    {
        var content = body switch
        {
            byte[] bytes => new ByteArrayContent(bytes),
            JsonNode json => new ByteArrayContent(Encoding.UTF8.GetBytes(json.ToJsonString())),
            _ => new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToString()!)),
        };
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }
}

/// <summary>What the hub answered.</summary>
sealed record Answer(HttpStatusCode Code, JsonNode? Json, string Text)
{
    public IReadOnlyList<(string Field, string Message)> Causes => [.. (Json?["details"]?["causes"]?.AsArray() ?? []).Select(static cause =>
        (cause!["field"]?.GetValue<string>() ?? "", cause["message"]?.GetValue<string>() ?? ""))];

    public JsonNode Created()
    {
        Assert.True(Code is HttpStatusCode.Created, $"{Code}: {Text}");
        return Json!;
    }

    /// <summary>A failure as Kubernetes has them: code, reason, message.</summary>
    public Answer IsStatus(params int[] codes)
    {
        Assert.True(codes.Contains((int)Code), $"answered {(int)Code}, not {string.Join(" or ", codes)}: {Text}");
        Assert.Equal(("Status", "v1", "Failure", (int)Code), (Json?["kind"]?.GetValue<string>(), Json?["apiVersion"]?.GetValue<string>(), Json?["status"]?.GetValue<string>(), Json?["code"]?.GetValue<int>()));
        Assert.False(string.IsNullOrEmpty(Json?["reason"]?.GetValue<string>()), $"no reason: {Text}");
        Assert.False(string.IsNullOrEmpty(Json?["message"]?.GetValue<string>()), $"no message: {Text}");
        return this;
    }
}

/// <summary>A claim's condition Allocated, as JSON.</summary>
static class Claims
{
    extension(JsonNode claim)
    {
        public (string Status, string Reason, string Message) Allocated => claim["status"]?["conditions"]?.AsArray()
            .Where(static condition => condition!["type"]!.GetValue<string>() is "Allocated")
            .Select(static condition => (condition!["status"]!.GetValue<string>(), condition["reason"]!.GetValue<string>(), condition["message"]!.GetValue<string>()))
            .SingleOrDefault() ?? default;

        public string? Block => claim["status"]?["allocatedCIDR"]?.GetValue<string>();

        public string? Phase => claim["status"]?["phase"]?.GetValue<string>();
    }
}
