using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>The one place a pool claim's status is made: what it says of its wish also says where it stands.</summary>
public static class PoolClaimReport
{
    /// <param name="allocated">What is newly found about the wish; null when nothing is.</param>
    public static IPPoolClaim With(this IPPoolClaim claim, Finding? allocated, Func<IPPoolClaimStatus, IPPoolClaimStatus> change, DateTimeOffset now)
    {
        var status = change(claim.Status ?? new());
        if (allocated is null) return claim with { Status = status };

        var (phase, reason) = allocated.Status switch
        {
            ConditionStatus.True => (ClaimPhase.Bound, Reasons.Bound),
            ConditionStatus.False => (ClaimPhase.Error, Reasons.Error),
            _ => (ClaimPhase.Pending, Reasons.ClaimPending),
        };
        var ready = new Finding(ConditionTypes.Ready, phase is ClaimPhase.Bound ? ConditionStatus.True : ConditionStatus.False, reason, allocated.Message);
        return claim with
        {
            Status = status with
            {
                Phase = phase,
                Message = allocated.Message,
                ObservedGeneration = claim.Metadata.Generation,
                Conditions = (status.Conditions ?? []).With([allocated, ready], claim.Metadata.Generation ?? 0, now),
            },
        };
    }

    /// <summary>The claim with one more thing said of it that its phase does not follow from.</summary>
    public static IPPoolClaim Said(IPPoolClaim claim, Finding finding, DateTimeOffset now) => claim with
    {
        Status = (claim.Status ?? new()) with { Conditions = (claim.Status?.Conditions ?? []).With([finding], claim.Metadata.Generation ?? 0, now) },
    };
}
