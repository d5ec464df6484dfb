using Federation.Domain.Leases;

namespace Federation.Hub;

/// <summary>
/// Which leases their edges no longer name, and how often they did not: from full reports alone, of which an empty one says
/// nothing. Kept in memory: a hub that starts begins to count anew. Belongs to the writer.
/// </summary>
sealed class AbsenceBook(FenceClock fences, TimeProvider time)
{
    /// <summary>So many reports have to agree.</summary>
    const int ReportsMin = 2;

    /// <summary>So long after one came the next must have been made to count: a lease may be confirmed while the first is on its way.</summary>
    static readonly TimeSpan Apart = TimeSpan.FromSeconds(50);

    readonly SortedDictionary<string, Absence> absences = new(StringComparer.Ordinal);

    /// <summary>Takes in what an edge named of the leases the hub has recorded for it.</summary>
    public void Take(IEnumerable<Lease> recorded, WholeReport report)
    {
        if (report.Leases.Count == 0) return;
        foreach (var lease in recorded)
        {
            if (report.Leases.Contains(lease.Id)) absences.Remove(lease.Id);
            else if (report.MadeAfter is { } madeAfter) Count(lease, madeAfter);
        }
    }

    void Count(Lease lease, long madeAfter)
    {
        if (!absences.TryGetValue(lease.Id, out var known) || known.Epoch != lease.Epoch) known = new(lease.Epoch);
        else if (time.GetElapsedTime(known.Mark, madeAfter) < Apart) return;
        absences[lease.Id] = known.With(time.GetTimestamp(), fences.HadPassed(lease.Id, madeAfter));
    }

    /// <summary>
    /// Whether a lease at this epoch was absent from enough reports, none of which came between that named it, and all made when its term was certainly over:
    /// before, the edge could have learned of it late, begun to use it, and not been heard since.
    /// </summary>
    public bool IsGone(string id, long epoch) => absences.TryGetValue(id, out var known) && known.Epoch == epoch && known.ReportsOver >= ReportsMin;

    /// <summary>The leases that are absent, with the epoch at which they are.</summary>
    public IReadOnlyList<(string Id, long Epoch)> All => [.. absences.Where(static absence => absence.Value.Reports >= ReportsMin).Select(static absence => (absence.Key, absence.Value.Epoch))];

    public void Forget(string id) => absences.Remove(id);

    /// <param name="ReportsOver">Those made after the term of the lease was over.</param>
    /// <param name="Mark">When the last of them came.</param>
    readonly record struct Absence(long Epoch, int Reports = 0, int ReportsOver = 0, long Mark = 0)
    {
        public Absence With(long mark, bool isOver) => this with { Reports = Reports + 1, ReportsOver = isOver ? ReportsOver + 1 : 0, Mark = mark };
    }
}
