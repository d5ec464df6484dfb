using System.Diagnostics;
using System.Net;
using Federation.Telemetry;

namespace Federation.Kubernetes;

/// <summary>Single requests: their time limit, their failures, and patience with a server that is busy.</summary>
sealed class RestCalls(KubernetesConnection connection, TimeProvider time, KubernetesMetrics? metrics)
{
    const int AttemptsMax = 4;
    const int AnswerBytesMax = 512 * 1024 * 1024;
    const int FailureBytesMax = 1024 * 1024;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);
    static readonly TimeSpan RetryAfterDefault = TimeSpan.FromSeconds(1);
    static readonly TimeSpan RetryAfterMax = TimeSpan.FromSeconds(10);

    readonly string root = connection.Base.AbsoluteUri.TrimEnd('/');

    /// <summary>The body of the answer to a request.</summary>
    /// <exception cref="KubernetesApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">There is no answer, or none in time.</exception>
    public Task<byte[]> SendAsync(HttpMethod method, string url, RequestBody? body, CancellationToken cancel) => PatientlyAsync(
        limit => WithinLimitAsync(async token =>
        {
            using var response = await AskAsync(method, url, body, token);
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, token);
            return await response.Content.ReadAsByteArrayAsync(token);
        }, limit),
        cancel);

    /// <summary>The answer to a GET, its body still to be read; only its beginning must come in time.</summary>
    public Task<HttpResponseMessage> OpenAsync(string url, CancellationToken cancel) => PatientlyAsync(
        limit => WithinLimitAsync(token => AskAsync(HttpMethod.Get, url, body: null, token), limit), cancel);

    async Task<HttpResponseMessage> AskAsync(HttpMethod method, string url, RequestBody? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, root + url)
        {
            Version = connection.Http.DefaultRequestVersion,
            VersionPolicy = connection.Http.DefaultVersionPolicy,
        };
        request.Content = body?.ToContent();
        request.Headers.Accept.ParseAdd(RequestBody.Json);
        using var span = Activity.Current is null ? null : TraceSources.Kubernetes.StartActivity(method.Method, ActivityKind.Client);
        foreach (var (name, value) in TraceContext.Headers(Activity.Current)) request.Headers.Add(name, value);
        var response = await SendAsync(request, cancel);
        span?.SetTag("http.request.method", method.Method).SetTag("url.full", root + url).SetTag("http.response.status_code", (int)response.StatusCode);
        if (response.IsSuccessStatusCode) return response;

        using (response) throw await FailureAsync(response, cancel);
    }

    async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        HttpResponseMessage? response = null;
        try
        {
            return response = await connection.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        finally
        {
            metrics?.Answered(request.Method, (int?)response?.StatusCode, time.GetElapsedTime(began));
        }
    }

    /// <summary>A 429 says that nothing was done, so that even a write may be sent again.</summary>
    async Task<TAnswer> PatientlyAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> send, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                return await send(cancel);
            }
            catch (KubernetesApiException e) when (e.Code == (int)HttpStatusCode.TooManyRequests && attempt < AttemptsMax)
            {
                wait = e.RetryAfter ?? RetryAfterDefault;
            }

            await Task.Delay(wait < RetryAfterMax ? wait : RetryAfterMax, time, cancel);
        }
    }

    async Task<TAnswer> WithinLimitAsync<TAnswer>(Func<CancellationToken, Task<TAnswer>> send, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            return await send(either.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.Unknown, "The API server did not answer in time.", new TimeoutException(e.Message, e));
        }
        catch (IOException e)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The API server's answer broke off.", e);
        }
    }

    static async Task<KubernetesApiException> FailureAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var code = (int)response.StatusCode;
        return new KubernetesApiException(code, ApiAnswer.Failure(code, await BodyAsync(response, cancel)), response.Headers.RetryAfter?.Delta);
    }

    static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(FailureBytesMax, cancel);
            return await response.Content.ReadAsByteArrayAsync(cancel);
        }
        catch (HttpRequestException)
        {
            return []; // The code is known; the words are lost or too many.
        }
    }
}
