using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>Keeps the statuses of pools current, at most so often: what child pools hold and whether they can be used, and whether the hub answers.</summary>
sealed class PoolReporter(AgentState state, StatusWriter statuses)
{
    /// <summary>Between two rounds: under load one report of a pool stands for many changes.</summary>
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two looks at what changes by itself: terms that end.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    readonly Dictionary<string, string?> closed = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            Look();
            foreach (var name in state.Book.Touched.TakeAll())
            {
                if (!await TryReportAsync(name, cancel)) state.Book.Touched.Add(name);
            }

            await Task.Delay(Beat, state.Time, cancel);
            await state.Book.Touched.WaitAsync(LookEvery, state.Time, cancel);
        }
    }

    /// <summary>Something is new about the hub: every mirrored pool says so.</summary>
    public void HubChanged()
    {
        foreach (var pool in state.Book.Pools.Where(static pool => pool.IsMirror())) state.Book.Touched.Add(pool.Name);
    }

    /// <summary>Finds what has changed without any object changing.</summary>
    void Look()
    {
        foreach (var pool in state.Book.Pools)
        {
            if (!pool.IsChild() || state.Book.Closed(pool) is var why && closed.TryGetValue(pool.Name, out var said) && said == why) continue;
            closed[pool.Name] = why;
            state.Book.Touched.Add(pool.Name);
        }
    }

    async Task<bool> TryReportAsync(string name, CancellationToken cancel)
    {
        if (state.Pools.Get(null, name) is not { } pool || Report(pool) is not { } wanted) return true;
        try
        {
            await statuses.WriteAsync(pool, wanted, state.Pools, cancel);
            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
        {
            return e is KubernetesApiException { IsNotFound: true };
        }
    }

    IPPool? Report(IPPool pool)
    {
        var now = state.Time.GetUtcNow();
        if (pool.IsMirror()) return pool with { Status = (pool.Status ?? new()) with { Conditions = (pool.Status?.Conditions ?? []).With([OfHub(pool)], pool.Metadata.Generation ?? 0, now) } };
        return state.Book.Space(pool.Name) is { } space ? pool.Reported(space, [OfChild(pool, space)], now) : null;
    }

    Finding OfChild(IPPool pool, PoolSpace space) => state.Book.Closed(pool) is { } why
        ? new(ConditionTypes.Ready, ConditionStatus.False, why, $"nothing new is allocated from {space.Root}; what is allocated stays")
        : PoolReport.Assigned(space.Root, pool.Spec.ParentPoolRef!.Name!);

    Finding OfHub(IPPool mirror) => (state.Hub.Trouble, state.Hub.KnowsPools) switch
    {
        (null, true) when mirror.IsWithdrawn() => new(ConditionTypes.HubConnected, ConditionStatus.False, Reasons.PoolNotFound, "the hub no longer offers this pool; what was lent of it stays"),
        (null, true) => new(ConditionTypes.HubConnected, ConditionStatus.True, Reasons.Connected, "the hub answers"),
        (null, false) => new(ConditionTypes.HubConnected, ConditionStatus.Unknown, Reasons.Pending, "the hub has not told its pools yet"),
        ({ } why, _) => new(ConditionTypes.HubConnected, ConditionStatus.False, why.Reason, why.Message),
    };
}
