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

try
{
    await EdgeApp.Build(options, storage, TimeProvider.System).RunAsync();
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 4;
}
finally
{
    if (storage is not null) await storage.DisposeAsync();
}
