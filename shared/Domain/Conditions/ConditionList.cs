namespace Federation.Domain.Conditions;

/// <summary>Reads and renews the conditions of a status. Lists are looked up by type, never by position.</summary>
public static class ConditionList
{
    public static Condition? Find(this IReadOnlyList<Condition> conditions, string type)
    {
        foreach (var condition in conditions)
        {
            if (condition.Type == type) return condition;
        }

        return null;
    }

    public static bool Holds(this IReadOnlyList<Condition> conditions, string type) =>
        conditions.Find(type) is { Status: ConditionStatus.True };

    /// <summary>
    /// The list with these findings in it. A condition's transition time moves only when its own status flips;
    /// conditions nobody reports on stay as they are. Times are whole seconds, as Kubernetes keeps them.
    /// </summary>
    public static IReadOnlyList<Condition> With(
        this IReadOnlyList<Condition> conditions, IEnumerable<Finding> findings, long generation, DateTimeOffset now)
    {
        var renewed = conditions.ToList();
        foreach (var finding in findings)
        {
            var at = renewed.FindIndex(condition => condition.Type == finding.Type);
            var since = at >= 0 && renewed[at].Status == finding.Status ? renewed[at].LastTransitionTime : now;
            var condition = From(finding, generation, since);
            if (at >= 0) renewed[at] = condition;
            else renewed.Add(condition);
        }

        return renewed;
    }

    static Condition From(Finding finding, long generation, DateTimeOffset since) => new()
    {
        Type = finding.Type,
        Status = finding.Status,
        Reason = finding.Reason,
        Message = finding.Message,
        ObservedGeneration = generation,
        LastTransitionTime = since.AddTicks(-(since.Ticks % TimeSpan.TicksPerSecond)),
    };
}
