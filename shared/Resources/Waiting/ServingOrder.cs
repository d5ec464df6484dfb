using System.Diagnostics.CodeAnalysis;
using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>
/// One pass over all who wait, oldest first across all groups. Space only gets less while it is given out, so the first who goes
/// without speaks for all younger ones of the same wish: they are passed over, but for those who say something else of it and are
/// to be told. A pass costs as much as there are groups, and who is served or told. The groups may change meanwhile.
/// </summary>
public sealed class ServingOrder<T> where T : Resource
{
    readonly PriorityQueue<(WaitingGroup<T> Group, T Item), WaitingAge> turns = new();
    readonly Dictionary<SpaceWish, Finding> refused = [];
    (WaitingGroup<T> Group, WaitingAge Age) turn;

    public ServingOrder(IEnumerable<WaitingGroup<T>> groups)
    {
        foreach (var group in groups) turns.Enqueue((group, group.Oldest.Item), group.Oldest.Age);
    }

    /// <summary>What an older one of the same wish as the one whose turn it is was refused with; null when none was.</summary>
    public Finding? Refusal => refused.GetValueOrDefault(turn.Group.Wish);

    /// <summary>Whose turn it is. The one before has been answered.</summary>
    public bool TryNext([NotNullWhen(true)] out T? item)
    {
        while (turns.TryDequeue(out var next, out var age))
        {
            turn = (next.Group, age);
            item = next.Item;
            if (Refusal is null || Refusal != next.Group.Said) return true;
        }

        item = null;
        return false;
    }

    /// <summary>What became of the one whose turn it is.</summary>
    /// <param name="refusal">What it is refused with; null when it is served.</param>
    public void Answered(Finding? refusal)
    {
        if (refusal is not null) refused.TryAdd(turn.Group.Wish, refusal);
        if (turn.Group.After(turn.Age) is var (age, item)) turns.Enqueue((turn.Group, item), age);
    }
}
