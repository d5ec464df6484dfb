using Federation.Kubernetes;
using Federation.Proto.V1;
using Federation.Rpc;

namespace Federation.Edge;

/// <summary>The agent as a service of its process: a thread for its work, and a channel to its hub.</summary>
sealed class Agent(EdgeOptions options, IKubernetesApi api, SiteIdentity site, IBootClock clock, Leadership leadership, TimeProvider time, EdgeMetrics metrics, RpcMetrics calls, ILoggerFactory logs) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var channel = HubChannel.Open(new()
        {
            Address = options.Hub,
            EdgeName = options.Hub.Scheme is "http" ? options.Name : null,
            AuthorityPath = options.HubAuthority,
            CertificatePath = options.HubCertificate,
            KeyPath = options.HubKey,
        }, time, calls);
        Func<double> draw = new Random().NextDouble;
        var work = new AgentWork(options, api, new LeaseService.LeaseServiceClient(channel.Invoker), site, clock, time, draw, logs, metrics);
        try
        {
            await AgentThread.RunAsync(() => leadership.RunAsync(work.RunAsync, draw, stoppingToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logs.CreateLogger<Agent>().Failed(e);
            throw;
        }
    }
}
