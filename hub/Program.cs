using Federation.ApiServer;
using Federation.Hub;
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
        kestrel.Listen(options.ApiUrl, options.Tls, options.Tls is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2);
    });
    builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
    builder.Services.AddHub(options, storage, TimeProvider.System);
    var app = builder.Build();
    var endpoint = app.Services.GetRequiredService<ApiEndpoint>();
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
