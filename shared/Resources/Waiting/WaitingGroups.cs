using Federation.Domain.Conditions;

namespace Federation.Resources;

/// <summary>Who comes before whom: by creation, of one second by arrival, and then by identity.</summary>
public readonly record struct WaitingAge(DateTimeOffset Created, long Arrival, string Uid) : IComparable<WaitingAge>
{
    public int CompareTo(WaitingAge other)
    {
        if (Created.CompareTo(other.Created) is not 0 and var created) return created;
        return Arrival.CompareTo(other.Arrival) is not 0 and var arrival ? arrival : string.CompareOrdinal(Uid, other.Uid);
    }

    public static bool operator <(WaitingAge left, WaitingAge right) => left.CompareTo(right) < 0;

    public static bool operator >(WaitingAge left, WaitingAge right) => left.CompareTo(right) > 0;

    public static bool operator <=(WaitingAge left, WaitingAge right) => left.CompareTo(right) <= 0;

    public static bool operator >=(WaitingAge left, WaitingAge right) => left.CompareTo(right) >= 0;
}

/// <summary>Objects that ask for the same and say the same of it, oldest first.</summary>
/// <param name="said">What each of them says; null where they say nothing yet.</param>
public sealed class WaitingGroup<T>(SpaceWish wish, Finding? said) where T : Resource
{
    readonly SortedSet<(WaitingAge Age, T? Item)> members = new(Comparer<(WaitingAge Age, T? Item)>.Create(static (a, b) => a.Age.CompareTo(b.Age)));

    public SpaceWish Wish => wish;

    public Finding? Said => said;

    public bool IsEmpty => members.Count == 0;

    /// <summary>The oldest; a group that is not empty has one.</summary>
    public (WaitingAge Age, T Item) Oldest => members.Min!;

    /// <summary>The next after a moment in the order of age, whether or not anybody of that age is still here.</summary>
    public (WaitingAge Age, T Item)? After(WaitingAge age)
    {
        if (IsEmpty || members.Max.Age <= age) return null;
        return members.GetViewBetween((age, null), members.Max).First(member => member.Age > age)!;
    }

    internal void Put(WaitingAge age, T item)
    {
        members.Remove((age, null));
        members.Add((age, item));
    }

    internal void Remove(WaitingAge age) => members.Remove((age, null));
}

/// <summary>All who wait, in groups of those who ask for the same and say the same of it.</summary>
public sealed class WaitingGroups<T> where T : Resource
{
    readonly Dictionary<(SpaceWish Wish, Finding? Said), WaitingGroup<T>> groups = [];
    readonly Dictionary<string, (WaitingGroup<T> Group, WaitingAge Age)> places = new(StringComparer.Ordinal);

    /// <summary>How many wait.</summary>
    public int Count => places.Count;

    /// <summary>In no particular order; none is empty.</summary>
    public IEnumerable<WaitingGroup<T>> All => groups.Values;

    /// <summary>Somebody waits, or waits on with another wish, or says something else of it.</summary>
    public void Put(SpaceWish wish, Finding? said, WaitingAge age, T item)
    {
        Remove(item.Uid);
        if (!groups.TryGetValue((wish, said), out var group)) groups.Add((wish, said), group = new(wish, said));
        group.Put(age, item);
        places.Add(item.Uid, (group, age));
    }

    /// <summary>Somebody waits no longer, if they did.</summary>
    public void Remove(string uid)
    {
        if (!places.Remove(uid, out var place)) return;
        place.Group.Remove(place.Age);
        if (place.Group.IsEmpty) groups.Remove((place.Group.Wish, place.Group.Said));
    }
}
