using Federation.Kubernetes;

namespace Federation.Edge;

/// <summary>
/// Whose turn it is among the agents of one cluster, by a Lease in the agents' namespace. For liveness only: what they write
/// is safe by the API server's own uniqueness and versions. Before an API of its own an agent is alone, and always on.
/// </summary>
sealed class Leadership(EdgeOptions options, IKubernetesApi api, AgentStanding standing, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>
    /// Parts of the time after which the next agent works: how long the lock lasts, how long a leader goes on without a
    /// renewal, and between two looks at it. Two looks, 10 % late, and the lock's own time are less than the whole.
    /// </summary>
    const double LockPart = 2 / 3d;
    const double DeadlinePart = 8 / 15d;
    const double RetryPart = 2 / 15d;

    public Task RunAsync(Func<CancellationToken, Task> work, Func<double> draw, CancellationToken cancel)
    {
        if (options.Embedded) return work(cancel);
        var terms = new LeaderElectionOptions
        {
            Namespace = options.Namespace,
            Name = $"federation-edge-{options.Name}",
            Identity = options.Identity,
            LeaseDuration = TimeSpan.FromSeconds(Math.Floor(options.LockTerm.TotalSeconds * LockPart)), // a lock says whole seconds
            RenewDeadline = options.LockTerm * DeadlinePart,
            RetryPeriod = options.LockTerm * RetryPart,
        };
        var election = new LeaderElection(api, terms, time, draw, logs.CreateLogger<LeaderElection>());
        standing.StandsBy = () => election.Holder is { Length: > 0 } holder && holder != options.Identity;
        return election.RunAsync(async term =>
        {
            try
            {
                await work(term);
            }
            finally
            {
                standing.Rest();
            }
        }, cancel);
    }
}
