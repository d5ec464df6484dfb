using System.ComponentModel;

namespace Federation.Domain.Conditions;

/// <summary>Whether a condition holds. The zero is no valid status.</summary>
public enum ConditionStatus { Unspecified = 0, True, False, Unknown }

/// <summary>What somebody found out about an object, before anybody says since when.</summary>
/// <param name="Type">One of <see cref="ConditionTypes"/>, or an indexed child type.</param>
/// <param name="Status">Whether it holds.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="Message">For people; never decided upon.</param>
public sealed record Finding(string Type, ConditionStatus Status, string Reason, string Message);

/// <summary>One condition of an object's status, as Kubernetes' <c>metav1.Condition</c>.</summary>
public sealed record Condition
{
    /// <summary>What the condition is about; unique in a list.</summary>
    [Description("What the condition is about; unique in a list.")]
    public required string Type { get; init; }

    [Description("True, False or Unknown.")]
    public required ConditionStatus Status { get; init; }

    /// <summary>The generation of the spec this was found for.</summary>
    [Description("The generation of the spec this was found for.")]
    public long ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed; a new message or reason does not move it.</summary>
    [Description("When the status last changed; a new reason or message does not move it.")]
    public DateTimeOffset LastTransitionTime { get; init; }

    /// <summary>One of <see cref="Reasons"/>, PascalCase.</summary>
    [Description("Why, in one word that programs may decide on.")]
    public required string Reason { get; init; }

    [Description("Why, for people.")]
    public required string Message { get; init; }
}
