using Federation.ApiServer;
using Federation.Edge;

var (options, error) = EdgeOptions.Read(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

SqliteStorage? storage = null;
try
{
    if (options.Embedded) storage = SqliteStorage.Open(options.Data);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 3;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.AddSingleton(options).AddSingleton(TimeProvider.System).AddSingleton<IBootClock, SystemBootClock>();
if (storage is not null) builder.AddEmbeddedApi(options, storage);
else builder.AddClusterApi(options);
builder.Services.AddHostedService<Agent>();
var app = builder.Build();
if (storage is not null) app.MapFallback("{**path}", app.Services.GetRequiredService<ApiEndpoint>().ServeAsync);
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
finally
{
    if (storage is not null) await storage.DisposeAsync();
}
