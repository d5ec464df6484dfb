using Federation.Proto.V1;

namespace Federation.Hub;

/// <summary>
/// Puts the parts of each edge's reports together. Kept in memory: what is lost with the process is said again. Belongs to
/// the writer.
/// </summary>
sealed class ReportBook(ReportMarks marks)
{
    /// <summary>More parts than this are no report: a hundred thousand leases of one edge.</summary>
    public const int PartsMax = 100;

    readonly Dictionary<string, OpenReport> open = new(StringComparer.Ordinal);

    /// <summary>
    /// Takes in one part. Answers the whole report, once it is: every part of one id came, in any order. Null for a part of
    /// one that is not whole yet, and for a report that does not say that it is all there is.
    /// </summary>
    /// <param name="isKnown">Whether the hub knows of every lease that was named.</param>
    public WholeReport? Take(string edge, RenewLeasesRequest request, bool isKnown)
    {
        var madeAfter = marks.Read(request.AfterMark);
        if (request.Parts <= 1) return request.FullReport ? new(Names(request), isKnown, madeAfter) : null;
        if (!open.TryGetValue(edge, out var report) || report.Id != request.ReportId || report.Parts != request.Parts) open[edge] = report = new(request.ReportId, request.Parts, madeAfter);
        report.Seen.Add(request.Part);
        report.Leases.UnionWith(Names(request));
        report.IsKnown &= isKnown;
        report.MadeAfter = (madeAfter, report.MadeAfter) is ({ } mark, { } earliest) ? Math.Min(mark, earliest) : null;
        if (report.Seen.Count < report.Parts) return null;

        open.Remove(edge);
        return new(report.Leases, report.IsKnown, report.MadeAfter);
    }

    static SortedSet<string> Names(RenewLeasesRequest request) => new(request.Leases.Select(static renewal => renewal.LeaseId), StringComparer.Ordinal);

    sealed class OpenReport(string id, int parts, long? madeAfter)
    {
        public string Id => id;

        public int Parts => parts;

        public SortedSet<int> Seen { get; } = [];

        public SortedSet<string> Leases { get; } = new(StringComparer.Ordinal);

        public bool IsKnown { get; set; } = true;

        public long? MadeAfter { get; set; } = madeAfter;
    }
}

/// <summary>All leases an edge says it has.</summary>
/// <param name="IsKnown">Whether the hub knows of every one of them.</param>
/// <param name="MadeAfter">A time stamp before which it was not made; null when nobody can tell.</param>
sealed record WholeReport(SortedSet<string> Leases, bool IsKnown, long? MadeAfter);
