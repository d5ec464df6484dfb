using Federation.ApiServer;
using Federation.Proto.Grpc.Health.V1;
using Federation.Rpc;

namespace Federation.Hub;

/// <summary>Runs the store's writer and the upkeep for as long as the hub lives. When either fails, the hub stops.</summary>
sealed class HubWork(ObjectStore store, Upkeep upkeep, Reaper reaper, FleetCheck check, FleetRecord fleet, ServingStatuses statuses, HubOptions options, ILogger<HubWork> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var writing = store.RunAsync(stoppingToken);
        try
        {
            await store.Loaded;
            await fleet.EnsureAsync(stoppingToken);
            statuses.Set("", HealthCheckResponse.Types.ServingStatus.Serving);
            log.Serving(options.ApiUrl, options.GrpcUrl, options.Data);
            await await Task.WhenAny(writing, upkeep.RunAsync(stoppingToken), reaper.RunAsync(stoppingToken), check.RunAsync(stoppingToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.StoreFailed(e);
            throw;
        }

        await writing;
    }
}
