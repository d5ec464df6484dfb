using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>What people are told about a change of an object: made from two versions of it, the same at hub and edge.</summary>
public static class Happenings
{
    /// <summary>What people are told of when it changes. An indexed child tells of itself.</summary>
    static readonly string[] Told = [ConditionTypes.Allocated, ConditionTypes.Ready, ConditionTypes.HubConnected];

    /// <param name="before">Null for an object that is new.</param>
    public static void Record(this EventRecorder recorder, Resource? before, Resource after)
    {
        if (Conditions(after) is not { } conditions) return;
        var earlier = Conditions(before) ?? [];
        foreach (var type in Told)
        {
            if (conditions.Find(type) is not { } found || !IsNews(earlier.Find(type), found) || IsTold(conditions, found)) continue;
            recorder.Record(after, IsTrouble(found) ? EventType.Warning : EventType.Normal, found.Reason, found.Message);
        }
    }

    /// <summary>How an object begins is no news, unless there is trouble, or a claim has its answer.</summary>
    static bool IsNews(Condition? before, Condition after) => before is null
        ? IsTrouble(after) || after.Type is ConditionTypes.Allocated
        : before.Status != after.Status || before.Reason != after.Reason;

    /// <summary>Whether Allocated says the same already.</summary>
    static bool IsTold(IReadOnlyList<Condition> conditions, Condition found) =>
        found.Type is ConditionTypes.Ready && conditions.Find(ConditionTypes.Allocated) is { } allocated && allocated.Message == found.Message;

    /// <summary>Whether somebody may have to do something about it: what only takes its time is no trouble.</summary>
    static bool IsTrouble(Condition found) => found.Status is not ConditionStatus.True && found.Reason is not
        (Reasons.Pending or Reasons.WaitingForLease or Reasons.ClaimPending or Reasons.NoChildren or Reasons.LeasesCreated or Reasons.LeasesScaling or Reasons.Draining or Reasons.EdgesProgressing);

    static IReadOnlyList<Condition>? Conditions(Resource? resource) => resource switch
    {
        IPClaim claim => claim.Status?.Conditions,
        IPPoolClaim claim => claim.Status?.Conditions,
        IPPool pool => pool.Status?.Conditions,
        IPLease lease => lease.Status?.Conditions,
        Edge edge => edge.Status?.Conditions,
        FederationObject fleet => fleet.Status?.Conditions,
        _ => null,
    };
}
