using System.Globalization;

namespace Federation.Hub;

/// <summary>
/// Marks in the hub's answers to edges. A report repeats the last one its edge has had, and so proves not to be older: one that
/// was late on its way, or was delivered twice, says nothing of what its edge does not have.
/// </summary>
sealed class ReportMarks(TimeProvider time)
{
    /// <summary>A mark of another process was given by another clock.</summary>
    readonly string process = time.GetUtcNow().Ticks.ToString("x", CultureInfo.InvariantCulture);

    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{process}-{time.GetTimestamp():x}");

    /// <summary>The time stamp when a mark was given; null for one that is not this process's.</summary>
    public long? Read(string mark) => mark.Split('-') is [var by, var at] && by == process
        && long.TryParse(at, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var stamp) && stamp <= time.GetTimestamp() ? stamp : null;
}
