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

    /// <summary>What a condition says, whenever it began to.</summary>
    public static Finding? Found(this IReadOnlyList<Condition> conditions, string type) =>
        conditions.Find(type) is { } said ? new(said.Type, said.Status, said.Reason, said.Message) : null;

    public static bool Holds(this IReadOnlyList<Condition> conditions, string type) =>
        conditions.Find(type) is { Status: ConditionStatus.True };

    /// <summary>
    /// The list with these findings in it. A condition's transition time moves only when its own status flips;
    /// conditions nobody reports on stay as they are. Times are whole seconds, as Kubernetes keeps them.
    /// </summary>
    public static IReadOnlyList<Condition> With(
        this IReadOnlyList<Condition> conditions, IEnumerable<Finding> findings, long generation, DateTimeOffset now)
    {
        if (conditions.Count == 0 && findings is IReadOnlyList<Finding> and [var only]) return [From(only, generation, now)];

        var renewed = conditions.ToList();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < renewed.Count; i++) places.TryAdd(renewed[i].Type, i);
        foreach (var finding in findings)
        {
            var isThere = places.TryGetValue(finding.Type, out var at);
            var since = isThere && renewed[at].Status == finding.Status ? renewed[at].LastTransitionTime : now;
            var condition = From(finding, generation, since);
            if (isThere) renewed[at] = condition;
            else renewed.Add(condition);
            places.TryAdd(finding.Type, renewed.Count - 1);
        }

        return renewed;
    }

    /// <summary>
    /// The list with what is said of these children: Ready, and one indexed condition for each that is listed, in order of
    /// the index. Indexed conditions of children that are gone go; everybody else's stay as they are.
    /// </summary>
    public static IReadOnlyList<Condition> WithChildren(
        this IReadOnlyList<Condition> conditions, ChildWords words, ChildSet children, long generation, DateTimeOffset now)
    {
        var findings = children.Findings(words).ToList();
        var listed = findings.Select(static finding => finding.Type).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. conditions.Where(condition => listed.Contains(condition.Type) || ConditionTypes.ChildIndex(condition.Type, words.Type) is null).ToList()
                .With(findings, generation, now)
                .OrderBy(condition => ConditionTypes.ChildIndex(condition.Type, words.Type) ?? -1),
        ];
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
