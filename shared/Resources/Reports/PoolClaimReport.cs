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
                Conditions = (status.Conditions ?? []).With([allocated, ready], claim.Metadata.Generation ?? 1, now),
            },
        };
    }

    /// <summary>What a claim says that is to go while its child pool holds something.</summary>
    public static Finding InUse(string pool) => new(ConditionTypes.Ready, ConditionStatus.False, Reasons.PoolInUse, $"pool {pool} is still in use; it goes when its last allocation is gone");

    /// <summary>The claim on its way out, and what it waits for. What it was allocated stays allocated until then.</summary>
    public static IPPoolClaim Releasing(IPPoolClaim claim, Finding ready, DateTimeOffset now)
    {
        var said = Said(claim, ready, now);
        return said with { Status = said.Status! with { Phase = ClaimPhase.Releasing, Message = ready.Message } };
    }

    /// <summary>The claim with one more thing said of it that its phase does not follow from.</summary>
    public static IPPoolClaim Said(IPPoolClaim claim, Finding finding, DateTimeOffset now) => claim with
    {
        Status = (claim.Status ?? new()) with { Conditions = (claim.Status?.Conditions ?? []).With([finding], claim.Metadata.Generation ?? 1, now) },
    };
}
