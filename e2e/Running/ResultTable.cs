namespace Federation.E2E;

/// <summary>The table at the end: case x topology, whether both ended alike, then each failure with its reason.</summary>
static class ResultTable
{
    /// <summary>Lines about what a failed case left behind.</summary>
    const int LinesMax = 12;

    public static void Write(
        TextWriter output, IReadOnlyList<E2ECase> cases, IReadOnlyList<string> topologies, IReadOnlyList<CaseResult> results, IReadOnlyList<StatusComparison> comparisons)
    {
        var width = cases.Select(static c => c.Title.Length).DefaultIfEmpty(0).Max();
        output.WriteLine();
        output.WriteLine($"{"case",-5} {"".PadRight(width)} {string.Concat(topologies.Select(static name => $"{name,-15}"))}{(topologies.Count > 1 ? "same" : "")}".TrimEnd());
        foreach (var candidate in cases)
        {
            var cells = topologies.Select(name => results.FirstOrDefault(result => result.Case == candidate && result.Topology == name) is { } result ? result.Failure is null ? "pass" : "FAIL" : candidate.LeftOutOn(name) ?? "-");
            var same = comparisons.FirstOrDefault(comparison => comparison.Case == candidate) is { } compared ? compared.Difference is null ? "yes" : "NO" : "-";
            output.WriteLine($"{candidate.Id,-5} {candidate.Title.PadRight(width)} {string.Concat(cells.Select(static cell => $"{cell,-15}"))}{(topologies.Count > 1 ? same : "")}".TrimEnd());
        }

        output.WriteLine();
        foreach (var reason in topologies.SelectMany(name => cases.Select(candidate => candidate.LeftOutOn(name))).OfType<string>().Distinct()) output.WriteLine($"{reason}: {E2ECase.Reasons[reason]}");
        foreach (var result in results.Where(static result => result.Failure is not null))
        {
            output.WriteLine($"FAIL {result.Case.Id} on {result.Topology} {result.Failure}");
            foreach (var line in result.FinalStatuses.Take(LinesMax)) output.WriteLine($"     {line}");
        }

        foreach (var comparison in comparisons.Where(static comparison => comparison.Difference is not null)) output.WriteLine($"DIFF {comparison.Case.Id} {comparison.Difference}");
    }
}
