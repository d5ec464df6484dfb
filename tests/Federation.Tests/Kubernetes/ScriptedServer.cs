using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Federation.Kubernetes;

namespace Federation.Tests.Kubernetes;

/// <summary>An API server that a test plays by hand: it takes each request and says what comes back.</summary>
sealed class ScriptedServer : HttpMessageHandler
{
    readonly Channel<ScriptedRequest> requests = Channel.CreateUnbounded<ScriptedRequest>();

    public KubernetesConnection Connection => new()
    {
        Http = new HttpClient(this) { Timeout = Timeout.InfiniteTimeSpan },
        Base = new Uri("http://server/"),
    };

    /// <summary>How many requests came and were not taken.</summary>
    public int Untaken => requests.Reader.Count;

    /// <summary>The next request, which waits for its answer.</summary>
    public Task<ScriptedRequest> TakeAsync() => requests.Reader.ReadAsync().Within();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var scripted = new ScriptedRequest(request.Method, request.RequestUri!.PathAndQuery, body, request.Content?.Headers.ContentType?.MediaType);
        requests.Writer.TryWrite(scripted);
        return await scripted.Response.WaitAsync(cancellationToken);
    }
}

/// <summary>A request that waits for its answer.</summary>
sealed class ScriptedRequest(HttpMethod method, string url, string body, string? contentType)
{
    readonly TaskCompletionSource<HttpResponseMessage> response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HttpMethod Method => method;

    public string Url => url;

    public string Body => body;

    public string? ContentType => contentType;

    public Task<HttpResponseMessage> Response => response.Task;

    public void Answer(int code, string text, TimeSpan? retryAfter = null)
    {
        var message = new HttpResponseMessage((HttpStatusCode)code) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
        if (retryAfter is { } delay) message.Headers.RetryAfter = new(delay);
        response.SetResult(message);
    }

    public void Break() => response.SetException(new HttpRequestException(HttpRequestError.ConnectionError));

    /// <summary>Begins an answer that goes on until the test ends it.</summary>
    public ScriptedWatch Stream()
    {
        var pipe = new Pipe();
        response.SetResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) });
        return new ScriptedWatch(pipe.Writer);
    }
}

/// <summary>The server's end of a watch.</summary>
sealed class ScriptedWatch(PipeWriter writer)
{
    public Task SendAsync(string line) => writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n")).AsTask().Within();

    public void End() => writer.Complete();

    public void Break() => writer.Complete(new IOException("reset"));
}

/// <summary>What servers say, as JSON.</summary>
static class Said
{
    public static string Claim(string name, int version, string uid = "u", string spec = """{"poolRef":{"name":"p"}}""", bool deleting = false)
    {
        var end = deleting ? ",\"deletionTimestamp\":\"2030-01-01T00:00:00Z\"" : "";
        var metadata = $$"""{"namespace":"ns","name":"{{name}}","uid":"{{uid}}","resourceVersion":"{{version}}"{{end}} }""";
        return $$"""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{{metadata}},"spec":{{spec}} }""";
    }

    public static string List(int version, params string[] items) => Page(version, null, items);

    public static string Page(int version, string? next, params string[] items) =>
        $$"""{"kind":"IPClaimList","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', items)}}]}""";

    public static string Event(string type, string json) => $$$"""{"type":"{{{type}}}","object":{{{json}}}}""";

    public static string Bookmark(int version) => Event("BOOKMARK", $$$"""{"kind":"IPClaim","metadata":{"resourceVersion":"{{{version}}}"}}""");

    public static string Status(int code, string reason, string details = "null") =>
        $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"text","reason":"{{{reason}}}","code":{{{code}}},"details":{{{details}}}}""";
}
