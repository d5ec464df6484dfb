using Federation.Domain.Addressing;

namespace Federation.Domain.Leases;

/// <summary>What an edge does about the room it has.</summary>
public enum RoomStep { Unspecified = 0, Rest, Grow, GiveBack }

/// <summary>
/// How much room an edge keeps for claims to come: below the low mark it asks for more, above the high mark it gives an
/// empty block back. A block goes only if what stays is well above the low mark, so that load that swings does not make
/// blocks come and go.
/// </summary>
public sealed record WaterMarks
{
    /// <summary>Less than this share of the space is free: more is needed. In percent.</summary>
    public double LowPercent { get; init; } = 20;

    /// <summary>More than this share of the space is free: an empty block may go. In percent.</summary>
    public double HighPercent { get; init; } = 50;

    /// <summary>An empty block goes when it was seen empty twice, this far apart.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <param name="total">Addresses in all open blocks.</param>
    /// <param name="free">Those of them nobody holds.</param>
    /// <param name="emptiest">Addresses in an empty block seen twice; null when there is none, or it is the only block.</param>
    public RoomStep Next(AddressCount total, AddressCount free, AddressCount? emptiest)
    {
        if (total.CompareTo(AddressCount.Zero) == 0) return RoomStep.Rest;
        if (free.PercentOf(total) < LowPercent) return RoomStep.Grow;
        if (emptiest is not { } block || free.PercentOf(total) <= HighPercent) return RoomStep.Rest;

        return (free - block).PercentOf(total - block) >= (LowPercent + HighPercent) / 2 ? RoomStep.GiveBack : RoomStep.Rest;
    }
}
