using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>Keeps events few: when there are too many, those written longest ago make room.</summary>
sealed class EventRules : IKindRules
{
    /// <summary>Events a server keeps.</summary>
    public const int EventsMax = 10_000;

    /// <summary>Removed at once when there are too many, so that not each new event has to look for the oldest.</summary>
    const int MakesRoomFor = EventsMax / 10;

    public KindInfo Kind => KindInfo.Of<EventObject>();

    public Resource Creating(Transaction transaction, Resource wanted)
    {
        MakeRoom(transaction);
        return wanted;
    }

    /// <summary>Removes the oldest when the next event would be one too many.</summary>
    public static void MakeRoom(Transaction transaction)
    {
        if (transaction.Count<EventObject>() < EventsMax) return;
        foreach (var stored in transaction.Stored(KindInfo.Of<EventObject>()).OrderBy(static stored => stored.Revision).Take(MakesRoomFor).ToList()) transaction.Remove(stored.Resource);
    }
}
