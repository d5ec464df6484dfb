using Federation.ApiServer;
using Federation.Hub;

if (args is ["crds", "--out", var folder]) return DefinitionFiles.Write(folder);

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
    try
    {
        await HubApp.Build(options, storage, TimeProvider.System).RunAsync();
        return 0;
    }
    catch (Exception e) when (e is IOException or InvalidDataException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 4;
    }
}
