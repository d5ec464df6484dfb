using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Federation.Resources;

/// <summary>Kubernetes' <c>metav1.LabelSelector</c>: all requirements must hold; an empty selector matches all.</summary>
public sealed record LabelSelector : IValidated
{
    [Description("Labels that must be there with exactly this value.")]
    [MaxLength(64), ItemLength(63)]
    public ImmutableSortedDictionary<string, string>? MatchLabels { get; init; }

    [Description("Requirements that must all hold.")]
    [MaxLength(64)]
    public IReadOnlyList<LabelSelectorRequirement>? MatchExpressions { get; init; }

    ImmutableSortedDictionary<string, string> Labels => MatchLabels ?? ImmutableSortedDictionary<string, string>.Empty;

    public bool Matches(IReadOnlyDictionary<string, string>? labels) =>
        Labels.All(wanted => labels is not null && labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
        && (MatchExpressions ?? []).All(requirement => requirement.Holds(labels));

    public IEnumerable<FieldError> Validate()
    {
        foreach (var (key, value) in Labels)
        {
            if (!LabelSyntax.IsKey(key)) yield return FieldError.Invalid($"matchLabels[{key}]", key, LabelSyntax.KeyRule);
            if (!LabelSyntax.IsValue(value)) yield return FieldError.Invalid($"matchLabels[{key}]", value, LabelSyntax.ValueRule);
        }
    }

    /// <summary>As kubectl writes selectors: <c>a=b,c in (d,e),f,!g</c>.</summary>
    public override string ToString() => string.Join(',',
    [
        .. Labels.Select(label => $"{label.Key}={label.Value}"),
        .. (MatchExpressions ?? []).Select(requirement => requirement.ToString()),
    ]);
}

/// <summary>How a requirement compares a label with its values.</summary>
public enum LabelSelectorOperator { Unspecified = 0, In, NotIn, Exists, DoesNotExist }

/// <summary>Kubernetes' <c>metav1.LabelSelectorRequirement</c>.</summary>
[Rule("self.operator == 'In' || self.operator == 'NotIn' ? has(self.values) && self.values.size() > 0 : !has(self.values) || self.values.size() == 0", "In and NotIn need values; Exists and DoesNotExist take none")]
public sealed record LabelSelectorRequirement : IValidated
{
    [Description("The label's key.")]
    [Required, MaxLength(317)]
    public string? Key { get; init; }

    [Description("In, NotIn, Exists or DoesNotExist.")]
    [Required]
    public LabelSelectorOperator? Operator { get; init; }

    [Description("The values In and NotIn compare with; must be empty for Exists and DoesNotExist.")]
    [MaxLength(64), ItemLength(63)]
    public IReadOnlyList<string>? Values { get; init; }

    public bool Holds(IReadOnlyDictionary<string, string>? labels)
    {
        var value = Key is not null ? labels?.GetValueOrDefault(Key) : null;
        return Operator switch
        {
            LabelSelectorOperator.In => value is not null && (Values ?? []).Contains(value),
            LabelSelectorOperator.NotIn => value is null || !(Values ?? []).Contains(value),
            LabelSelectorOperator.Exists => value is not null,
            LabelSelectorOperator.DoesNotExist => value is null,
            _ => false,
        };
    }

    public IEnumerable<FieldError> Validate()
    {
        if (Key is not null && !LabelSyntax.IsKey(Key)) yield return FieldError.Invalid("key", Key, LabelSyntax.KeyRule);

        foreach (var value in Values ?? [])
        {
            if (value is not null && !LabelSyntax.IsValue(value)) yield return FieldError.Invalid("values", value, LabelSyntax.ValueRule);
        }

        var listed = Operator is LabelSelectorOperator.In or LabelSelectorOperator.NotIn;
        if (listed && Values is not { Count: > 0 }) yield return FieldError.Required("values", "In and NotIn need at least one value");
        if (!listed && Values is { Count: > 0 }) yield return FieldError.Forbidden("values", "Exists and DoesNotExist take no values");
    }

    public override string ToString() => Operator switch
    {
        LabelSelectorOperator.In => $"{Key} in ({string.Join(',', Values ?? [])})",
        LabelSelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values ?? [])})",
        LabelSelectorOperator.Exists => $"{Key}",
        _ => $"!{Key}",
    };
}
