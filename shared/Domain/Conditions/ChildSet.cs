namespace Federation.Domain.Conditions;

/// <summary>
/// The children of one object, kept so that what is said of them costs no more than what is said: a change of one child
/// is a few steps, and a thousand ready ones are not looked at to list those that fail.
/// </summary>
public sealed class ChildSet
{
    /// <summary>Children that have a condition of their own on their parent; the counts are of all.</summary>
    public const int ListedMax = 256;

    /// <summary>By stage, from <see cref="ChildStage.Failing"/> to <see cref="ChildStage.Ready"/>; each by index.</summary>
    readonly SortedDictionary<int, Child>[] stages = [[], [], [], []];

    public static ChildSet Of(IEnumerable<Child> children)
    {
        var set = new ChildSet();
        foreach (var child in children) set.Apply(before: null, child);
        return set;
    }

    public ChildTally Tally => new(stages[0].Count, stages[1].Count, stages[2].Count, stages[3].Count);

    public bool IsEmpty => Tally.Total == 0;

    /// <summary>Follows one change; swapped, it takes the change back.</summary>
    public void Apply(Child? before, Child? after)
    {
        if (before is not null) Invariant.Holds(StageOf(before).Remove(before.Index));
        if (after is null) return;
        Invariant.Holds(!Array.Exists(stages, stage => stage.ContainsKey(after.Index)));
        StageOf(after).Add(after.Index, after);
    }

    /// <summary>The children that are listed, failing ones first when there are too many, in order of their index.</summary>
    public IEnumerable<Child> Listed() => stages.SelectMany(static stage => stage.Values).Take(ListedMax).OrderBy(static child => child.Index);

    /// <summary>Ready, and a condition for each listed child.</summary>
    public IEnumerable<Finding> Findings(ChildWords words)
    {
        var (ready, total) = (Tally.Finding(words), Tally.Total);
        yield return total > ListedMax ? ready with { Message = $"{ready.Message}; {ListedMax} are listed" } : ready;
        foreach (var child in Listed()) yield return child.Finding(words);
    }

    SortedDictionary<int, Child> StageOf(Child child) => stages[(int)child.Stage - (int)ChildStage.Failing];
}
