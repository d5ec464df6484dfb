using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Hub;
using Federation.Proto.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Federation.Simulation;

/// <summary>The hub's machine: its disk, its clock, and the process that is alive at the moment, made of the hub's real parts.</summary>
/// <param name="freesAbsent">Whether leases go that their edges no longer name.</param>
sealed class SimulatedHub(Scheduler scheduler, MachineClock clock, SimulatedDisk disk, LeaseTerms terms, bool freesAbsent, Action<string> surprised)
{
    SimulatedProcess? process;
    ServiceProvider? services;
    int restores;
    bool isToBegin;

    public MachineClock Clock => clock;

    public SimulatedDisk Disk => disk;

    /// <summary>The process, while there is one.</summary>
    public SimulatedProcess? Process => process is { IsDead: false } ? process : null;

    /// <summary>The verbs of the hub's API. Of the process that is alive.</summary>
    public ResourceApi Api { get; private set; } = null!;

    /// <summary>What edges call. Of the process that is alive.</summary>
    public ServedMethods Methods { get; private set; } = null!;

    public void Start()
    {
        if (Process is not null) return;
        var started = process = new SimulatedProcess(scheduler, "hub", anyOrder: true);
        started.Do(() => _ = LiveAsync(started));
    }

    public void Kill()
    {
        process?.Kill();
        disk.Detach();
        services?.Dispose();
    }

    /// <summary>The disk is lost, and an old copy put in its place; false when there is none.</summary>
    public bool TryRestore()
    {
        if (!disk.TryPutBack()) return false;
        Kill();
        (isToBegin, restores) = (true, restores + 1);
        return true;
    }

    async Task LiveAsync(SimulatedProcess mine)
    {
        try
        {
            if (isToBegin)
            {
                await StoreRestore.BeginAsync(disk, $"restored-{restores}", isComplete: false, clock.Wall);
                isToBegin = false;
            }

            services = Compose(mine);
            Api = services.GetRequiredService<ResourceApi>();
            Methods = new ServedMethods();
            LeaseService.BindService(Methods, services.GetRequiredService<LeaseEndpoint>());
            await services.GetRequiredService<HubLoops>().RunAsync(static () => { }, CancellationToken.None);
        }
        catch (IOException)
        {
            // The disk failed: the process ends, and what is stored is read again by the next.
        }
        catch (Exception e)
        {
            surprised($"the hub fell: {e}");
        }

        Kill();
    }

    ServiceProvider Compose(SimulatedProcess mine)
    {
        var time = clock.For(mine);
        var made = new ServiceCollection();
        made.AddLogging(static logging => logging.ClearProviders());
        made.AddHub(new HubOptions { Data = "", ApiUrl = new("http://127.0.0.1:0"), GrpcUrl = new("http://127.0.0.1:0"), Terms = terms, FindAbsentLeases = freesAbsent, FreeAbsentLeases = freesAbsent }, disk, time);
        made.AddSingleton<LeaseEndpoint>();
        made.AddSingleton(provider => ApiServerSetup.Api(
            provider.GetRequiredService<ObjectStore>(), provider.GetServices<IKindRules>(), time, () => (ulong)scheduler.Random.NextInt64(), scheduler.Random.Next));
        return made.BuildServiceProvider();
    }
}

/// <summary>The methods a service offers, by name.</summary>
sealed class ServedMethods : ServiceBinderBase
{
    readonly Dictionary<string, Delegate> handlers = new(StringComparer.Ordinal);

    public THandler Find<THandler>(IMethod method) where THandler : Delegate => (THandler)handlers[method.FullName];

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => handlers[method.FullName] = handler!;

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => handlers[method.FullName] = handler!;

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => handlers[method.FullName] = handler!;

    public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => handlers[method.FullName] = handler!;
}
