namespace Federation.Domain.Addressing;

/// <summary>A block that nobody holds and nobody gets, until its rest is over.</summary>
/// <param name="Block">The block at rest.</param>
/// <param name="Holder">Who holds it meanwhile: the one it is to be released from.</param>
/// <param name="Until">From when on it may be handed out.</param>
public readonly record struct CoolingBlock(Cidr Block, Holder Holder, DateTimeOffset Until);

/// <summary>
/// Blocks at rest, the first due first and in order of arrival among equals. Adding and removing cost O(log n);
/// asking what is due changes nothing.
/// </summary>
public sealed class CoolingQueue
{
    readonly SortedDictionary<(DateTimeOffset Until, long Turn), CoolingBlock> byTime = [];
    readonly Dictionary<Cidr, (DateTimeOffset Until, long Turn)> places = [];
    long turn;

    public int Count => places.Count;

    /// <summary>When the next block is due; null when none rests.</summary>
    public DateTimeOffset? NextDue => First()?.Until;

    /// <summary>Those whose rest is over, in order. Remove them before asking again.</summary>
    public IReadOnlyList<CoolingBlock> Due(DateTimeOffset now) => [.. byTime.Values.TakeWhile(resting => resting.Until <= now)];

    /// <summary>A block rests once at a time.</summary>
    public void Add(CoolingBlock resting)
    {
        var place = (resting.Until, ++turn);
        places.Add(resting.Block, place);
        byTime.Add(place, resting);
    }

    /// <summary>Ends a block's rest, whether or not it is due; false when it does not rest.</summary>
    public bool Remove(Cidr block) => places.Remove(block, out var place) && byTime.Remove(place);

    CoolingBlock? First()
    {
        foreach (var resting in byTime.Values) return resting;
        return null;
    }
}
