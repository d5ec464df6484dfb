using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>Keeps the statuses of child pools current: what they hold, at most so often.</summary>
sealed class PoolReporter(AgentState state, StatusWriter statuses)
{
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat, state.Time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            foreach (var name in state.Book.Touched.ToList())
            {
                state.Book.Touched.Remove(name);
                if (!await TryReportAsync(name, cancel)) state.Book.Touched.Add(name);
            }
        }
    }

    async Task<bool> TryReportAsync(string name, CancellationToken cancel)
    {
        if (state.Pools.Get(null, name) is not { } pool || state.Book.Space(name) is not { } space) return true;
        try
        {
            await statuses.WriteAsync(pool, pool.Reported(space, [PoolReport.Assigned(space.Root, pool.Spec.ParentPoolRef!.Name!)], state.Time.GetUtcNow()), state.Pools, cancel);
            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
        {
            return e is KubernetesApiException { IsNotFound: true };
        }
    }
}
