using Federation.ApiServer;
using Federation.Edge;

var (options, error) = EdgeOptions.Read(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(error);
    return 2;
}

IObjectStorage? storage = null;
try
{
    if (options.Embedded) storage = Open(options.Data);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 3;
}

try
{
    using var returns = MemoryReturn.OfProcess();
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

// By itself: an agent of a cluster does not load what it would be stored with.
[System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
static IObjectStorage Open(string folder) => SqliteStorage.Open(folder);
