using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Leases;
using Federation.Kubernetes;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>
/// Keeps room for claims to come in the blocks of each root: doubles a block in place, or gets another, before the room
/// runs out; gives an empty one back when there is plenty.
/// </summary>
sealed class SpaceKeeper(AgentState state, BlockSupply supply, PoolClaimReconciler poolClaims)
{
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);

    /// <summary>How long a root that had no more is left alone, unless a claim needs room.</summary>
    static readonly TimeSpan Respite = TimeSpan.FromMinutes(10);

    /// <summary>Room is asked for in advance only while this share of the root is free for others, in percent.</summary>
    const double RootFreePercentMin = 25;

    static readonly WaterMarks Marks = new();

    /// <summary>Since when a child pool was seen empty at every look.</summary>
    readonly Dictionary<string, DateTimeOffset> emptySince = new(StringComparer.Ordinal);

    readonly Dictionary<string, DateTimeOffset> askedAt = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Beat, state.Time);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            try
            {
                foreach (var root in state.Book.Pools.Where(static pool => pool.IsMirror()).ToList()) await KeepAsync(root, cancel);
            }
            catch (Exception e) when (e is KubernetesApiException or HttpRequestException)
            {
                // The API cannot be asked; the next look finds what is still to be done.
            }
        }
    }

    async Task KeepAsync(IPPool root, CancellationToken cancel)
    {
        var open = state.Book.Managed(root.Name).Where(state.Book.IsOpen).Select(child => (Pool: child, Space: state.Book.Space(child.Name)!)).ToList();
        var now = state.Time.GetUtcNow();
        foreach (var (pool, space) in open) Observe(pool.Name, IsEmpty(space), now);

        var total = open.Aggregate(AddressCount.Zero, static (sum, child) => sum + child.Space.Capacity.Total);
        var free = open.Aggregate(AddressCount.Zero, static (sum, child) => sum + child.Space.Capacity.Available);
        var idle = open.Count > 1 ? open.LastOrDefault(child => emptySince.TryGetValue(child.Pool.Name, out var since) && now - since >= Marks.Patience) : default;
        switch (Marks.Next(total, free, idle.Space?.Root.Count))
        {
            case RoomStep.Grow when HasPlenty(root) && !supply.IsUnsettled(root.Name):
                await GrowAsync(root, open.MaxBy(static child => child.Space.Root.Length).Pool, now, cancel);
                break;
            case RoomStep.GiveBack when state.Leases.Claim(idle.Pool.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) ?? "") is { } claim:
                emptySince.Remove(idle.Pool.Name);
                await state.Api.DeleteAsync<IPPoolClaim>(claim.Namespace, claim.Name, new DeleteOptions { Uid = claim.Uid }, cancel);
                break;
        }
    }

    async Task GrowAsync(IPPool root, IPPool child, DateTimeOffset now, CancellationToken cancel)
    {
        if (state.Leases.Claim(child.Metadata.Annotation(EdgeNames.ClaimUidAnnotation) ?? "") is { } claim && poolClaims.TryGrow(claim)) return;
        if (askedAt.TryGetValue(root.Name, out var last) && now - last < Respite) return;

        askedAt[root.Name] = now;
        await supply.AskAsync(new BlockRequest(root.Name, supply.UsualLength(root.Name), Block: null), cancel);
    }

    void Observe(string pool, bool isEmpty, DateTimeOffset now)
    {
        if (!isEmpty) emptySince.Remove(pool);
        else emptySince.TryAdd(pool, now);
    }

    static bool IsEmpty(PoolSpace space) => space.Count(HoldKind.Allocation) == 0 && space.Count(HoldKind.Cooling) == 0;

    /// <summary>Whether the root has so much room that taking some in advance takes it from nobody.</summary>
    static bool HasPlenty(IPPool root) => AddressCount.TryParse(root.Status?.Capacity?.Available, out var free)
        && AddressCount.TryParse(root.Status?.Capacity?.Total, out var total)
        && free.PercentOf(total) >= RootFreePercentMin;
}
