using Federation.Domain.Claims;
using Federation.Domain.Conditions;

namespace Federation.Edge;

/// <summary>How the edge stands with its hub, as far as it knows.</summary>
sealed class HubStanding
{
    /// <summary>Null while the hub answers; else what stands in the way.</summary>
    public HubReason? Trouble { get; private set; }

    /// <summary>Whether the hub has told its pools since the agent started. Until then a pool that is not mirrored may still exist.</summary>
    public bool KnowsPools { get; private set; }

    /// <summary>Raised when either changes.</summary>
    public event Action? Changed;

    public void Meet(HubReason? trouble) => Set(trouble, KnowsPools);

    public void TellPools() => Set(Trouble, knowsPools: true);

    /// <summary>What a claim for a pool nobody has heard of waits for; null when it is certain that there is none.</summary>
    public ClaimVerdict.Waiting? Awaited => KnowsPools ? null
        : Trouble is { } why ? new(why.Reason, why.Message, Ask: null)
        : new(Reasons.Pending, "the hub has not told its pools yet", Ask: null);

    /// <summary>The standing as condition <c>HubConnected</c>.</summary>
    public Finding Finding => (Trouble, KnowsPools) switch
    {
        ({ } why, _) => why.Finding,
        (null, true) => Answers,
        (null, false) => new(ConditionTypes.HubConnected, ConditionStatus.Unknown, Reasons.Pending, "the hub has not told its pools yet"),
    };

    /// <summary>What is said while the hub answers.</summary>
    public static readonly Finding Answers = new(ConditionTypes.HubConnected, ConditionStatus.True, Reasons.Connected, "the hub answers");

    void Set(HubReason? trouble, bool knowsPools)
    {
        if (trouble == Trouble && knowsPools == KnowsPools) return;
        (Trouble, KnowsPools) = (trouble, knowsPools);
        Changed?.Invoke();
    }
}
