using Federation.Domain.Addressing;
using Federation.Domain.Conditions;

namespace Federation.Domain.Claims;

/// <summary>What becomes of a claim. Closed.</summary>
public abstract record ClaimVerdict
{
    ClaimVerdict() { }

    /// <summary>The claim gets this block; nobody has taken it yet.</summary>
    public sealed record Granted(PoolOffer Pool, BlockOffer From, Cidr Block) : ClaimVerdict;

    /// <summary>Not with what is there. Tried again when something that could help changes.</summary>
    public sealed record Refused(string Reason, string Message) : ClaimVerdict;

    /// <summary>Undecided: room may come from elsewhere.</summary>
    /// <param name="Ask">The pool and size to ask a block for, when nobody has yet.</param>
    public sealed record Waiting(string Reason, string Message, BlockRequest? Ask) : ClaimVerdict;

    /// <summary>The verdict as condition <c>Allocated</c>.</summary>
    public Finding Finding => this switch
    {
        Granted granted => AllocatedFinding.Succeeded(granted.Block, granted.Pool.Name),
        Refused(var reason, var message) => new(ConditionTypes.Allocated, ConditionStatus.False, reason, message),
        Waiting(var reason, var message, _) => new(ConditionTypes.Allocated, ConditionStatus.Unknown, reason, message),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>Room that a claim needs from beyond: at least one block of this size, or exactly this block.</summary>
public sealed record BlockRequest(string Pool, int PrefixLength, Cidr? Block);

/// <summary>The condition of a claim that has its block.</summary>
public static class AllocatedFinding
{
    public static Finding Succeeded(Cidr block, string pool) =>
        new(ConditionTypes.Allocated, ConditionStatus.True, Reasons.AllocationSucceeded, $"CIDR {block} allocated from {pool}");
}
