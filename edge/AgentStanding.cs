namespace Federation.Edge;

/// <summary>How far the agent has come, and how it stands with its hub: for checks, from any thread.</summary>
sealed class AgentStanding(TimeProvider time)
{
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>A thread that has not moved for so long will not move again.</summary>
    static readonly TimeSpan StillMax = TimeSpan.FromMinutes(1);

    volatile AgentState? state;
    volatile bool hasAdopted;
    long lastBeat = time.GetTimestamp();

    /// <summary>Whether another agent of the cluster works, and this one waits for its turn: which is all it is there for.</summary>
    public Func<bool> StandsBy { get; set; } = static () => false;

    /// <summary>Why nothing new is given out yet; null when it is.</summary>
    public string? NotAdopted => hasAdopted || StandsBy() ? null : "not everything that exists has been adopted yet";

    /// <summary>Which objects are not at hand yet; null when all are.</summary>
    public string? NotSynced
    {
        get
        {
            if (StandsBy()) return null;
            if (state is not { } agent) return "the agent has not begun";
            List<string> missing = [];
            if (!agent.Pools.HasSynced.IsCompletedSuccessfully) missing.Add("ippools");
            if (!agent.Claims.HasSynced.IsCompletedSuccessfully) missing.Add("ipclaims");
            if (!agent.Allocations.HasSynced.IsCompletedSuccessfully) missing.Add("ipallocations");
            if (!agent.PoolClaims.HasSynced.IsCompletedSuccessfully) missing.Add("ippoolclaims");
            return missing.Count == 0 ? null : $"waiting for the first list of {string.Join(", ", missing)}";
        }
    }

    /// <summary>What stands between the edge and its hub; null while the hub answers.</summary>
    public string? HubTrouble => StandsBy() ? null
        : state is not { } agent ? "the agent has not begun"
        : agent.Hub.Trouble is { } trouble ? $"{trouble.Reason}: {trouble.Message}"
        : agent.Hub.KnowsPools ? null : "the hub has not told its pools yet";

    /// <summary>Why the agent's thread counts as dead; null while it moves.</summary>
    public string? Stopped => time.GetElapsedTime(Volatile.Read(ref lastBeat)) is var still && hasAdopted && still > StillMax ? $"the agent's thread has not moved for {still.TotalSeconds:0} s" : null;

    public void Begin(AgentState agent) => state = agent;

    public void Adopted()
    {
        Volatile.Write(ref lastBeat, time.GetTimestamp());
        hasAdopted = true;
    }

    /// <summary>The agent's turn is over.</summary>
    public void Rest()
    {
        hasAdopted = false;
        state = null;
    }

    /// <summary>Shows, on the agent's own thread, that it moves.</summary>
    public async Task BeatAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat, time);
        while (await timer.WaitForNextTickAsync(cancel)) Volatile.Write(ref lastBeat, time.GetTimestamp());
    }
}
