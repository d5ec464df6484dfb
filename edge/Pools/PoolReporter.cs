using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Keeps the statuses of pools current, at most so often: what child pools hold and whether they can be used, what mirrored
/// roots have of them, and whether the hub answers.
/// </summary>
sealed class PoolReporter(AgentState state, StatusWriter statuses)
{
    /// <summary>Between two rounds.</summary>
    static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two reports of one pool: under load one stands for many changes, and whoever says otherwise is not contradicted more often.</summary>
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two looks at what changes by itself: terms that end.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Until a root is reported of which only the use of its children changed.</summary>
    static readonly TimeSpan UsageBeat = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, string?> closed = new(StringComparer.Ordinal);

    /// <summary>What roots were last told of their children, by the child's name.</summary>
    readonly Dictionary<string, Child> told = new(StringComparer.Ordinal);

    /// <summary>When what was written lately may be written again, by the pool's name.</summary>
    readonly Dictionary<string, long> paced = new(StringComparer.Ordinal);

    /// <summary>Pools whose report waits, and when it is due.</summary>
    readonly SortedDictionary<string, long> due = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            Look();
            TouchDue();
            await ReportAllAsync(cancel);
            await Task.Delay(Beat, state.Time, cancel);
            await state.Book.Touched.WaitAsync(UntilDue(), state.Time, cancel);
        }
    }

    /// <summary>Something is new about the hub: every mirrored pool says so.</summary>
    public void HubChanged()
    {
        foreach (var pool in state.Book.Pools.Where(static pool => pool.IsMirror())) state.Book.Touched.Add(pool.Name);
    }

    /// <summary>Children first: what is new of them is then told of their roots in the same beat.</summary>
    async Task ReportAllAsync(CancellationToken cancel)
    {
        var taken = state.Book.Touched.TakeAll();
        foreach (var name in taken)
        {
            if (state.Book.Pool(name) is { } pool) Tell(pool);
        }

        foreach (var name in taken.Union(state.Book.Touched.TakeAll(), StringComparer.Ordinal))
        {
            if (paced.TryGetValue(name, out var at)) Put(name, at);
            else if (!await TryReportAsync(name, cancel)) state.Book.Touched.Add(name);
        }
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

        foreach (var gone in told.Keys.Where(name => state.Book.Pool(name) is null).ToList())
        {
            told.Remove(gone);
            closed.Remove(gone);
            HubChanged();
        }
    }

    /// <summary>Reports a pool at a later time; of several, the first counts.</summary>
    void Put(string name, long at)
    {
        if (!due.TryGetValue(name, out var earlier) || at < earlier) due[name] = at;
    }

    long In(TimeSpan delay) => state.Time.GetTimestamp() + (long)(delay.TotalSeconds * state.Time.TimestampFrequency);

    void TouchDue()
    {
        var now = state.Time.GetTimestamp();
        foreach (var (name, _) in due.Where(entry => entry.Value <= now).ToList())
        {
            due.Remove(name);
            state.Book.Touched.Add(name);
        }

        foreach (var (name, _) in paced.Where(entry => entry.Value <= now).ToList()) paced.Remove(name);
    }

    /// <summary>Until the next report that waits, or the next look.</summary>
    TimeSpan UntilDue()
    {
        if (due.Count == 0) return LookEvery;
        var left = state.Time.GetElapsedTime(state.Time.GetTimestamp(), due.Values.Min());
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < LookEvery ? left : LookEvery;
    }

    /// <summary>Notes what a root is to be told of its child: at once, or with the next report of use.</summary>
    void Tell(IPPool pool)
    {
        if (pool.Spec.ParentPoolRef?.Name is not { } root) return;
        var (news, old) = (ChildOf(pool, ChildIndex.Of(pool) ?? 0), told.GetValueOrDefault(pool.Name));
        if (news == old) return;
        told[pool.Name] = news;
        if (old is not null && old with { Details = news.Details } == news) Put(root, In(UsageBeat));
        else state.Book.Touched.Add(root);
    }

    async Task<bool> TryReportAsync(string name, CancellationToken cancel)
    {
        if (state.Pools.Get(null, name) is not { } pool) return true;
        try
        {
            var numbered = await NumberedAsync(pool, cancel);
            due.Remove(name);
            if (Report(numbered) is { } wanted && !ReferenceEquals(await statuses.WriteAsync(numbered, wanted, state.Pools, cancel), numbered)) paced[name] = In(Pace);
            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
        {
            return e is KubernetesApiException { IsNotFound: true };
        }
    }

    /// <summary>A child pool that carries no number, or a sibling's, is given one: whoever made it does not know of numbers.</summary>
    async Task<IPPool> NumberedAsync(IPPool pool, CancellationToken cancel)
    {
        if (pool.Spec.ParentPoolRef?.Name is not { } root || pool.Metadata.IsDeleting()) return pool;
        var index = ChildIndex.Of(pool);
        var siblings = state.Book.ChildrenOf(root).Where(other => other.Name != pool.Name).ToList();
        if (index is not null && !siblings.Exists(other => ChildIndex.Of(other) == index && string.CompareOrdinal(other.Name, pool.Name) < 0)) return pool;

        var annotations = ChildIndex.Annotations(ChildIndex.SmallestFree(siblings)).AddRange((pool.Metadata.Annotations?.AsEnumerable() ?? []).Where(static pair => pair.Key != ChildIndex.Annotation));
        var numbered = await state.Api.ReplaceAsync(pool with { Metadata = pool.Metadata with { Annotations = annotations } }, cancel);
        state.Pools.Observe(numbered);
        return numbered;
    }

    IPPool? Report(IPPool pool)
    {
        var now = state.Time.GetUtcNow();
        if (pool.IsMirror()) return OfRoot(pool, now);
        if (!pool.IsChild()) return null;
        return state.Book.Space(pool.Name) is { } space ? pool.Reported(space, [OfChild(pool, space)], now) : pool.WithoutBlock(Unlent, now);
    }

    IPPool OfRoot(IPPool pool, DateTimeOffset now)
    {
        var conditions = (pool.Status?.Conditions ?? []).With([OfHub(pool)], pool.Metadata.Generation ?? 1, now);
        var children = state.Book.ChildrenOf(pool.Name).GroupBy(ChildIndex.Of).Where(static same => same.Key is not null).Select(same => ChildOf(same.First(), same.Key!.Value));
        return (pool with { Status = (pool.Status ?? new()) with { Conditions = conditions } }).WithChildren(ChildWords.PoolsOfPool, ChildSet.Of(children), now);
    }

    Finding OfChild(IPPool pool, PoolSpace space) => state.Book.Closed(pool) is { } why
        ? PoolReport.Closed(space.Root, why)
        : PoolReport.Assigned(space.Root, pool.Spec.ParentPoolRef!.Name!, space.Count(HoldKind.Allocation), state.Waiting.CountOf(pool.Name));

    /// <summary>A child pool as its root speaks of it.</summary>
    Child ChildOf(IPPool pool, int index)
    {
        if (state.Book.Space(pool.Name) is not { } space) return new(index, pool.Name, ChildStage.Coming, ConditionStatus.False, Reasons.WaitingParent, "has no block", "0/0 addresses");

        var own = OfChild(pool, space);
        var stage = own switch
        {
            { Status: ConditionStatus.True } => ChildStage.Ready,
            { Reason: Reasons.Draining } => ChildStage.Going,
            _ => ChildStage.Failing,
        };
        return new(index, pool.Name, stage, own.Status, own.Reason, $"gives out nothing new of {space.Root}; what is allocated stays", $"{space.Sum(HoldKind.Allocation)}/{space.Root.Count} addresses");
    }

    static readonly Finding Unlent = new(ConditionTypes.Allocated, ConditionStatus.Unknown, Reasons.Pending, "no lease stands behind this pool; at an edge a child pool is made by an IPPoolClaim");

    Finding OfHub(IPPool mirror) => mirror.IsWithdrawn() && state.Hub.Trouble is null && state.Hub.KnowsPools
        ? new(ConditionTypes.HubConnected, ConditionStatus.False, Reasons.PoolNotFound, "the hub no longer offers this pool; what was lent of it stays")
        : state.Hub.Finding;
}
