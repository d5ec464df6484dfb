namespace Federation.E2E;

/// <summary>What differs between the objects a case left behind on two topologies; no difference means it passed.</summary>
sealed record StatusComparison(E2ECase Case, string? Difference)
{
    /// <summary>Each case that passed on all topologies, the first topology against each other one.</summary>
    public static List<StatusComparison> Of(IEnumerable<E2ECase> cases, IReadOnlyList<string> topologies, IReadOnlyList<CaseResult> results)
    {
        if (topologies.Count < 2) return [];
        return [.. cases
            .Select(candidate => results.Where(result => result.Case == candidate && result.Failure is null).OrderBy(result => topologies.IndexOf(result.Topology)).ToList())
            .Where(passed => passed.Count == topologies.Count)
            .Select(static passed => new StatusComparison(passed[0].Case, passed.Skip(1).Select(other => Compare(passed[0], other)).FirstOrDefault(static text => text is not null)))];
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

file static class ListSearch
{
    extension(IReadOnlyList<string> list)
    {
        public int IndexOf(string item)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] == item) return i;
            }

            return -1;
        }
    }
}
