using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Federation.ApiServer;
using Federation.E2E;
using Federation.Hub;
using Federation.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Tests.Hub;

/// <summary>A hub behind TLS, with the authorities of its clients and of the API server in front of it.</summary>
sealed class TlsHub : IAsyncDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("federation-tls-");
    readonly SqliteStorage storage;
    readonly WebApplication app;
    public Uri Url { get; }

    TlsHub(Func<KubeKeys, AccessOptions>? access)
    {
        Keys = new(folder.CreateSubdirectory("keys").FullName);
        Keys.Write();
        Keys.WriteSigned("hub", "ca", "CN=hub", "hub");
        storage = SqliteStorage.Open(folder.FullName);
        var ports = FreePorts.Take(2);
        Url = new($"https://127.0.0.1:{ports[0]}");
        app = HubApp.Build(new()
        {
            Data = folder.FullName,
            ApiUrl = Url,
            GrpcUrl = new($"https://127.0.0.1:{ports[1]}"),
            Tls = new(Keys.Path("hub.crt"), Keys.Path("hub.key"), Keys.Path("ca.crt")),
            Access = access?.Invoke(Keys) ?? new(),
        }, storage, TimeProvider.System, static logging => logging.ClearProviders());
    }

    public KubeKeys Keys { get; }

    public static async Task<TlsHub> StartAsync(Func<KubeKeys, AccessOptions>? access = null)
    {
        var hub = new TlsHub(access);
        await hub.app.StartAsync().Within();
        await hub.app.Services.GetRequiredService<ObjectStore>().Loaded.Within();
        return hub;
    }

    /// <summary>A client with a certificate of this subject; of nobody where it is null.</summary>
    public HttpClient Client(string? subject, string authority = "ca", string? token = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(Keys.Path("ca.crt"));
        if (subject is not null)
        {
            Keys.WriteSigned("caller", authority, subject);
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPemFile(Keys.Path("caller.crt"), Keys.Path("caller.key"))];
        }

        var client = new HttpClient(handler) { BaseAddress = Url, Timeout = Limits.Longest };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public static async Task<HttpStatusCode> GetAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await client.SendAsync(request).Within();
        return answer.StatusCode;
    }

    public static async Task<HttpStatusCode> CreateAsync(HttpClient client, string ns, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, KindInfo.Of<IPClaim>().Path(ns));
        request.Content = new StringContent("""{"apiVersion":"ipam.federation.io/v1alpha1","kind":"IPClaim","metadata":{"generateName":"c-"},"spec":{"poolRef":{"name":"p"}}}""", new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await client.SendAsync(request).Within();
        return answer.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true)).Within();
        await app.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<HubWork>().Single().ExecuteTask!.Within();
        await app.DisposeAsync();
        await storage.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
