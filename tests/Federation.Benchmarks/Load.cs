using System.Diagnostics;
using System.Net.Http.Headers;

namespace Federation.Benchmarks;

/// <summary>Requests by so many callers at once, each waiting for its answer before it sends the next.</summary>
sealed class Load(Uri server, int callers) : IDisposable
{
    readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = callers, UseCookies = false, UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = server };

    /// <summary>Requests a second, and the sorted times of each.</summary>
    public Task<(double PerSecond, long[] Ticks)> RunAsync(int count, Func<int, HttpRequestMessage> request) => RunAsync(count, i => [request(i)]);

    /// <summary>Turns a second, each of several requests one after the other, and the sorted times of each turn.</summary>
    public async Task<(double PerSecond, long[] Ticks)> RunAsync(int count, Func<int, HttpRequestMessage[]> requests)
    {
        var ticks = new long[count];
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                var sent = Stopwatch.GetTimestamp();
                foreach (var request in requests(i)) await SendAsync(request);
                ticks[i] = Stopwatch.GetTimestamp() - sent;
            }
        }));
        var took = Stopwatch.GetElapsedTime(started);
        Array.Sort(ticks);
        return (count / took.TotalSeconds, ticks);
    }

    async Task SendAsync(HttpRequestMessage request)
    {
        using var message = request;
        using var answer = await http.SendAsync(message);
        await answer.Content.CopyToAsync(Stream.Null);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{message.Method} {message.RequestUri}: {(int)answer.StatusCode}");
    }

    public async Task<string> ReadAsync(string path) => await http.GetStringAsync(new Uri(path, UriKind.Relative));

    public static HttpRequestMessage Post(string path, byte[] json)
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new(HttpMethod.Post, path) { Content = content };
    }

    public void Dispose() => http.Dispose();
}
