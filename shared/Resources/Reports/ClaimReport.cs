using System.Diagnostics;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>The one place a claim's status is made: from a verdict, the same at hub and edge.</summary>
public static class ClaimReport
{
    public static IPClaim With(this IPClaim claim, ClaimVerdict verdict, DateTimeOffset now) => verdict is ClaimVerdict.Granted granted
        ? claim.Bound(granted.Block, granted.Pool.Name, IPAllocation.NameOf(granted.From.Pool, granted.Block), now)
        : claim.Reported(verdict.Finding, now, claim.Status ?? new());

    /// <summary>The claim holds this block.</summary>
    public static IPClaim Bound(this IPClaim claim, Cidr block, string pool, string allocation, DateTimeOffset now) =>
        claim.Reported(AllocatedFinding.Succeeded(block, pool), now, (claim.Status ?? new()) with
        {
            AllocatedCIDR = block,
            BoundPoolRef = new PoolReference { Name = pool },
            BoundAllocationRef = new NameReference { Name = allocation },
        });

    /// <summary>The claim with what it says, of its present generation.</summary>
    public static IPClaim Observed(this IPClaim claim, DateTimeOffset now) => claim.Said() is { } said ? claim.Reported(said, now, claim.Status!) : claim;

    /// <summary>What the claim says of its block, or of why it has none; null where nobody has looked at it yet.</summary>
    public static Finding? Said(this IPClaim claim) => claim.Status?.Conditions?.Found(ConditionTypes.Allocated);

    /// <summary>Whether the claim holds a block.</summary>
    public static bool IsBound(this IPClaim claim) => claim.Status?.Conditions?.Holds(ConditionTypes.Allocated) ?? false;

    /// <summary>Whether the claim still wants a block.</summary>
    public static bool IsWaiting(this IPClaim claim) => !claim.IsBound() && !claim.Metadata.IsDeleting();

    static IPClaim Reported(this IPClaim claim, Finding finding, DateTimeOffset now, IPClaimStatus status) => claim with
    {
        Status = status with
        {
            Phase = finding.Status switch
            {
                ConditionStatus.True => ClaimPhase.Bound,
                ConditionStatus.False => ClaimPhase.Error,
                ConditionStatus.Unknown => ClaimPhase.Pending,
                _ => throw new UnreachableException(),
            },
            ObservedGeneration = claim.Metadata.Generation,
            Conditions = (status.Conditions ?? []).With([finding], claim.Metadata.Generation ?? 1, now),
        },
    };

    /// <summary>What the claim asks for, of a target that was already looked up.</summary>
    public static ClaimWish Wish(this IPClaimSpec spec, ClaimTarget target) =>
        new() { Target = target, PrefixLength = spec.PrefixLength, Family = spec.IpFamily, Block = spec.Cidr };

    /// <summary>How messages and holders name a claim.</summary>
    public static string Owner(string? ns, string name) => $"{ns}/{name}";
}
