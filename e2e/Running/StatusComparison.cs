namespace Federation.E2E;

/// <summary>What differs between the objects a case left behind on two topologies; no difference means it passed.</summary>
sealed record StatusComparison(E2ECase Case, string? Difference)
{
    /// <summary>Each case that passed wherever it applies, and does so in two places: the first topology against each other one.</summary>
    public static List<StatusComparison> Of(IEnumerable<E2ECase> cases, IReadOnlyList<string> topologies, IReadOnlyList<CaseResult> results) =>
        [.. cases.Select(candidate => Of(candidate, [.. topologies.Where(name => candidate.LeftOutOn(name) is null)], results)).OfType<StatusComparison>()];

    static StatusComparison? Of(E2ECase candidate, List<string> topologies, IReadOnlyList<CaseResult> results)
    {
        var passed = results.Where(result => result.Case == candidate && result.Failure is null).OrderBy(result => topologies.IndexOf(result.Topology)).ToList();
        if (passed.Count < 2 || passed.Count < topologies.Count) return null;
        return new(candidate, passed.Skip(1).Select(other => Compare(passed[0], other)).FirstOrDefault(static text => text is not null));
    }

    static string? Compare(CaseResult first, CaseResult second)
    {
        var (here, there) = (first.FinalStatuses, second.FinalStatuses);
        if (here.SequenceEqual(there)) return null;
        var only = here.Except(there).Select(line => $"{first.Topology}: {line}").Take(1);
        var other = there.Except(here).Select(line => $"{second.Topology}: {line}").Take(1);
        return string.Join(" | ", only.Concat(other).DefaultIfEmpty($"{here.Count} objects at {first.Topology}, {there.Count} at {second.Topology}"));
    }
}
