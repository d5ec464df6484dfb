using System.Text;
using Federation.ApiServer;
using Federation.Hub;
using Federation.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Simulation;

/// <summary>A hub on a disk that fails, and the people who file and withdraw claims at it. What they do, when it fails and who goes first is drawn from one seed.</summary>
sealed class HubWorld(Random random, SimulatedDisk disk)
{
    const int ClaimsMax = 24;

    static readonly KindInfo Claims = KindInfo.Of<IPClaim>();
    static readonly WriteOptions Write = new("simulation");

    readonly SimulatedThread thread = new(random);
    readonly Observer observer = new(disk);

    public int Steps => thread.Steps;

    /// <summary>Some lives of the hub, each until its disk fails or its people have had enough. Answers what is wrong.</summary>
    public string? Run(int lives, int rounds)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(thread);
        try
        {
            for (var life = 0; life < lives; life++)
            {
                var living = LiveAsync(rounds);
                if (!thread.RunUntil(living)) return "the hub stands still: somebody waits for an answer that never comes";
                living.GetAwaiter().GetResult();
                if (observer.Wrong() is { } wrong) return $"life {life}: {wrong}";
            }

            return null;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    async Task LiveAsync(int rounds)
    {
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.ClearProviders());
        services.AddHub(new HubOptions { Data = "", ApiUrl = new("http://127.0.0.1:0"), GrpcUrl = new("http://127.0.0.1:0") }, disk, TimeProvider.System);
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<ObjectStore>();
        var api = provider.GetRequiredService<ResourceApi>();
        using var stop = new CancellationTokenSource();
        var writing = store.RunAsync(stop.Token);
        await store.Loaded;
        await TryAsync(() => api.CreateAsync(KindInfo.Of<IPPool>(), null, """{"metadata":{"name":"root"},"spec":{"cidr":"10.0.0.0/27"}}"""u8.ToArray(), Write, CancellationToken.None));
        for (var round = 0; round < rounds && store.IsServing; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => random.Next(3) > 0 ? FileAsync(api) : WithdrawAsync(api)));
        }

        Stop(stop);
        await EndOfAsync(writing);
    }

    async Task FileAsync(ResourceApi api)
    {
        var name = $"c-{random.Next(ClaimsMax)}";
        var body = Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"{{name}}"},"spec":{"poolRef":{"name":"root"},"prefixLength":{{random.Next(28, 33)}} } }""");
        observer.Asked(name);
        var filed = await TryAsync(() => api.CreateAsync(Claims, "apps", body, Write, CancellationToken.None));
        observer.Answered(name, filed ? true : null);
    }

    async Task WithdrawAsync(ResourceApi api)
    {
        var name = $"c-{random.Next(ClaimsMax)}";
        observer.Asked(name);
        var withdrawn = await TryAsync(() => api.DeleteAsync(Claims, "apps", name, new DeleteOptions("simulation"), CancellationToken.None));
        observer.Answered(name, withdrawn ? false : null);
    }

    /// <summary>Whether it was acknowledged: refused and unknown are both no.</summary>
    static async Task<bool> TryAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (ApiException)
        {
            return false;
        }
    }

    /// <summary>On this thread: the asynchronous way goes through the pool, and no seed would replay that.</summary>
    static void Stop(CancellationTokenSource life) => life.Cancel();

    static async Task EndOfAsync(Task writing)
    {
        try
        {
            await writing;
        }
        catch (IOException)
        {
            // The disk failed: the hub is gone, and what is stored is read again in its next life.
        }
    }
}
