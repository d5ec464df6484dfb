using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Federation.Tests.Conditions;
using Federation.Tests.Grpc;
using Federation.Tests.Hub;

namespace Federation.Tests.Telemetry;

/// <summary>A whole edge, asked over HTTP alone: claims on one side, checks and metrics on the other. A test fails when it logged an error.</summary>
sealed class MeasuredEdge : IAsyncDisposable
{
    readonly EdgeHost host;
    readonly DirectoryInfo folder;
    readonly LoggedErrors errors;

    MeasuredEdge(EdgeHost host, DirectoryInfo folder, LoggedErrors errors)
    {
        (this.host, this.folder, this.errors) = (host, folder, errors);
        Http = new HttpClient { BaseAddress = host.Options.ApiUrl, Timeout = Limits.Longest };
        Operations = new HttpClient { BaseAddress = host.Options.OpsUrl, Timeout = Limits.Longest };
    }

    public HttpClient Http { get; }

    /// <summary>The listener for operations alone.</summary>
    public HttpClient Operations { get; }

    public T Get<T>() where T : class => host.Get<T>();

    public static async Task<MeasuredEdge> StartAsync(Uri hub)
    {
        var folder = Directory.CreateTempSubdirectory("federation-test-");
        var errors = new LoggedErrors();
        var edge = new MeasuredEdge(await EdgeHost.StartAsync(folder, hub, errors), folder, errors);
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

    /// <summary>What is exported once something holds: an answer is counted after it is seen.</summary>
    public async Task<Exposition> MetricsAsync(Func<Exposition, bool> holds)
    {
        var cancel = Limits.Cancel;
        while (true)
        {
            var page = Exposition.Read(await Operations.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancel));
            if (holds(page)) return page;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
        }
    }

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
        await host.DisposeAsync();
        folder.Delete(recursive: true);
        var logged = errors.TakeAll();
        Assert.True(logged.Count == 0, string.Join('\n', logged));
    }
}
