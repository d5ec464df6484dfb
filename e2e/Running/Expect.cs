using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Federation.Domain.Addressing;
using Federation.Kubernetes;

namespace Federation.E2E;

/// <summary>What cases say must be so.</summary>
static class Expect
{
    public static void That([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds) throw new CaseFailure(otherwise);
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string? what = null) =>
        That(EqualityComparer<T>.Default.Equals(expected, actual), $"{what} is {actual}, not {expected}");

    public static void Inside(Cidr outer, Cidr inner) => That(outer.Contains(inner), $"{inner} is not inside {outer}");

    /// <summary>No two of the blocks share an address.</summary>
    public static void Disjoint(IEnumerable<Cidr> blocks)
    {
        var ordered = blocks.Order().ToList();
        for (var i = 1; i < ordered.Count; i++) That(!ordered[i - 1].Overlaps(ordered[i]), $"{ordered[i - 1]} overlaps {ordered[i]}");
    }

    /// <summary>The refusal of a request that must not succeed.</summary>
    public static async Task<KubernetesApiException> RefusedAsync(Task request, string what, params int[] codes)
    {
        try
        {
            await request;
        }
        catch (KubernetesApiException refusal)
        {
            That(codes.Contains(refusal.Code), $"{what} was refused with {refusal.Code} {refusal.Status.Message}, not {string.Join(" or ", codes)}");
            return refusal;
        }

        throw new CaseFailure($"{what} was accepted");
    }

    public static void Mentions(string text, KubernetesApiException refusal) =>
        That(refusal.Status.Message?.Contains(text, StringComparison.OrdinalIgnoreCase) ?? false, $"the refusal does not mention '{text}': {refusal.Status.Message}");
}
