using Federation.ApiServer;
using Federation.Hub;
using Federation.Rpc;
using Microsoft.AspNetCore.Server.Kestrel.Core;

var (options, error) = HubOptions.Read(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

SqliteStorage storage;
try
{
    storage = SqliteStorage.Open(options.Data);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 3;
}

await using (storage)
{
    var builder = WebApplication.CreateSlimBuilder();
    builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null; // each face has its own limit
        kestrel.UseFederationLimits();
        kestrel.Listen(options.GrpcUrl, options.Tls, HttpProtocols.Http2);
        kestrel.Listen(options.ApiUrl, options.Tls, options.Tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2);
    });
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
    builder.Services.AddHub(options, storage, TimeProvider.System);
    var app = builder.Build();
    var endpoint = app.Services.GetRequiredService<ApiEndpoint>();
    // The listener decides, not the Host header: that one names whatever stands in front of the hub.
    app.MapWhen(context => context.Connection.LocalPort == options.GrpcUrl.Port, static edges => edges.UseRouting().UseEndpoints(static endpoints =>
    {
        endpoints.MapGrpcService<LeaseEndpoint>();
        endpoints.MapGrpcService<HealthService>();
    }));
    app.Run(endpoint.ServeAsync);
    try
    {
        await app.RunAsync();
        return 0;
    }
    catch (IOException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 4;
    }
}
