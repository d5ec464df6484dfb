using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Tests.Kubernetes;

/// <summary>An informer whose server the test plays.</summary>
public abstract class InformerTest : IDisposable
{
    private protected readonly VirtualTime time = new();
    private protected readonly ScriptedServer server = new();
    private protected readonly CancellationTokenSource stop = new();
    private protected readonly Informer<IPClaim> informer;
    private protected readonly List<string> told = [];
    readonly TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected InformerTest()
    {
        informer = new(new KubernetesRestClient(server.Connection, time), time, static () => 0.5);
        informer.OnChange((before, after) => told.Add($"{before?.Name}{before?.Metadata.ResourceVersion} > {after?.Name}{after?.Metadata.ResourceVersion}"));
        informer.OnChange((_, _) => heard.TrySetResult());
    }

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
        server.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs through a first list, and answers the request for the watch after it.</summary>
    private protected async Task<ScriptedRequest> ListedAsync(string list)
    {
        _ = informer.RunAsync(stop.Token);
        (await server.TakeAsync()).Answer(200, list);
        return await server.TakeAsync();
    }

    private protected async Task<ScriptedWatch> SyncedAsync(string list) => (await ListedAsync(list)).Stream();

    /// <summary>Sends the first news, and waits until it has been heard.</summary>
    private protected async Task HeardAsync(ScriptedWatch watch, string line)
    {
        await watch.SendAsync(line);
        await heard.Task.Within();
    }

    /// <summary>Ends a watch that has lived for a while, and checks where the next one goes on: by then all of it has been told.</summary>
    private protected async Task EndOfAsync(ScriptedWatch watch, string version)
    {
        time.Advance(TimeSpan.FromSeconds(2));
        watch.End();
        var next = await server.TakeAsync();
        Assert.Contains($"resourceVersion={version}&", next.Url, StringComparison.Ordinal);
    }

    private protected static IPClaim Claim(string name, int version) => ResourceJson.Read<IPClaim>(System.Text.Encoding.UTF8.GetBytes(Said.Claim(name, version)));
}
