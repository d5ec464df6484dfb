using Federation.Proto.Grpc.Health.V1;
using Federation.Rpc;

namespace Federation.Hub;

/// <summary>Runs the hub's work for as long as the process lives. When it fails, the hub stops.</summary>
sealed class HubWork(HubLoops loops, HistoryStorage history, ServingStatuses statuses, HubOptions options, ILogger<HubWork> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await loops.RunAsync(Announce, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            statuses.Set("", HealthCheckResponse.Types.ServingStatus.NotServing);
            log.StoreFailed(e);
            throw;
        }
    }

    void Announce()
    {
        statuses.Set("", HealthCheckResponse.Types.ServingStatus.Serving);
        if (history.Begun is { } epoch) log.FoundCopy(options.Store, epoch);
        log.Serving(options.ApiUrl, options.GrpcUrl, options.Store);
    }
}
