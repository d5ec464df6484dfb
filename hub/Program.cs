using Federation.ApiServer;
using Federation.Hub;

if (args is ["crds", "--out", var folder]) return DefinitionFiles.Write(folder);
if (await StoreCommands.TryRunAsync(args, TimeProvider.System, Console.Out, Console.Error) is { } done) return done;

var (options, error) = HubOptions.Read(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

IObjectStorage storage;
try
{
    storage = options.Database is { } database ? await PostgresStorage.OpenAsync(database, TimeProvider.System, options.IsFailoverLossless) : SqliteStorage.Open(options.Data!);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 3;
}

await using (storage)
{
    try
    {
        var app = HubApp.Build(options, storage, TimeProvider.System);
        if (storage is PostgresStorage shared) shared.Log = app.Services.GetRequiredService<ILogger<PostgresStorage>>();
        await app.RunAsync();
        return 0;
    }
    catch (Exception e) when (e is IOException or InvalidDataException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 4;
    }
}
