using Federation.ApiServer;
using Federation.Edge;
using Microsoft.Extensions.DependencyInjection;

namespace Federation.Simulation;

/// <summary>An edge's API server: the real one over a disk of its own, in a process that may fall.</summary>
sealed class SimulatedCluster(Scheduler scheduler, MachineClock clock, SimulatedDisk disk, Action<string> surprised)
{
    SimulatedProcess? process;
    ServiceProvider? services;

    public SimulatedDisk Disk => disk;

    public SimulatedProcess? Process => process is { IsDead: false } ? process : null;

    /// <summary>The verbs, of the process that is alive.</summary>
    public ResourceApi Api { get; private set; } = null!;

    public ObjectLists Lists { get; private set; } = null!;

    public ObjectStore Store { get; private set; } = null!;

    public void Start()
    {
        if (Process is not null) return;
        var started = process = new SimulatedProcess(scheduler, $"api-{disk.Name}", anyOrder: true);
        started.Do(() => _ = LiveAsync(started));
    }

    public void Kill()
    {
        process?.Kill();
        disk.Detach();
        services?.Dispose();
    }

    async Task LiveAsync(SimulatedProcess mine)
    {
        try
        {
            var time = clock.For(mine);
            services = new ServiceCollection().AddMetrics().AddSingleton<ApiMetrics>().BuildServiceProvider();
            Store = new ObjectStore(disk, [], time, services.GetRequiredService<ApiMetrics>());
            Api = ApiServerSetup.Api(Store, [new EdgePoolRules(), new EdgeAllocationRules()], time, () => (ulong)scheduler.Random.NextInt64(), scheduler.Random.Next);
            Lists = new ObjectLists(Store);
            await Store.RunAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // The disk failed.
        }
        catch (Exception e)
        {
            surprised($"the API server of {disk.Name} fell: {e}");
        }

        Kill();
    }
}
