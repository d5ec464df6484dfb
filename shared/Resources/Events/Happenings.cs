using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>What people are told about a change of an object: made from two versions of it, the same at hub and edge.</summary>
public static class Happenings
{
    /// <param name="before">Null for an object that is new.</param>
    public static void Record(this EventRecorder recorder, Resource? before, Resource after)
    {
        if (Conditions(after)?.Find(ConditionTypes.Allocated) is not { } found) return;
        if (Conditions(before)?.Find(ConditionTypes.Allocated) is { } earlier && earlier.Status == found.Status && earlier.Reason == found.Reason) return;
        recorder.Record(after, found.Status is ConditionStatus.False ? EventType.Warning : EventType.Normal, found.Reason, found.Message);
    }

    static IReadOnlyList<Condition>? Conditions(Resource? resource) => resource switch
    {
        IPClaim claim => claim.Status?.Conditions,
        IPPoolClaim claim => claim.Status?.Conditions,
        _ => null,
    };
}
