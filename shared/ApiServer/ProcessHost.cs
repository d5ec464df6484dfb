using Microsoft.AspNetCore.Builder;

namespace Federation.ApiServer;

/// <summary>What the processes are built on.</summary>
public static class ProcessHost
{
    /// <summary>
    /// Settings come from the arguments and the environment. No file is read from whatever folder the process is started in, and
    /// none is watched for changes: that would watch every folder below it.
    /// </summary>
    public static WebApplicationBuilder NewBuilder() => WebApplication.CreateSlimBuilder(new WebApplicationOptions
    {
        ContentRootPath = AppContext.BaseDirectory,
        Args = ["--hostBuilder:reloadConfigOnChange=false"],
    });
}
