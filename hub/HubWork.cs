using Federation.ApiServer;
using Federation.Proto.Grpc.Health.V1;
using Federation.Rpc;

namespace Federation.Hub;

/// <summary>Runs the store's writer and the upkeep for as long as the hub lives. When either fails, the hub stops.</summary>
sealed class HubWork(ObjectStore store, Upkeep upkeep, Reaper reaper, FleetCheck check, FleetRecord fleet, ServingStatuses statuses, HubOptions options, ILogger<HubWork> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var writing = store.RunAsync(end.Token);
        try
        {
            await store.Loaded;
            await fleet.EnsureAsync(stoppingToken);
            statuses.Set("", HealthCheckResponse.Types.ServingStatus.Serving);
            log.Serving(options.ApiUrl, options.GrpcUrl, options.Data);
            await await Task.WhenAny(writing, upkeep.RunAsync(stoppingToken), reaper.RunAsync(stoppingToken), check.RunAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            log.StoreFailed(e);
            throw;
        }
        finally
        {
            await end.CancelAsync();
            await writing.ContinueWith(static _ => { }, TaskScheduler.Default); // a commit that has begun ends before its storage is closed
        }
    }
}
