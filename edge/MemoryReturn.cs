namespace Federation.Edge;

/// <summary>
/// Gives back what a burst of work left behind, once it is over: the collector alone keeps that until there is as much work
/// again, and an agent rests most of the time.
/// </summary>
sealed class MemoryReturn : IDisposable
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>After so many collections, of what is youngest, a full one is worth its time: tens of milliseconds.</summary>
    public const int WorthIt = 8;

    /// <summary>Collections between two looks that are no burst: the last events of one go out slowly.</summary>
    const int RestsAt = 2;

    readonly Func<int> collections;
    readonly Action giveBack;
    readonly ITimer timer;
    int seen;
    int counted;

    /// <param name="collections">How many collections there were.</param>
    public MemoryReturn(TimeProvider time, Func<int> collections, Action giveBack)
    {
        (this.collections, this.giveBack) = (collections, giveBack);
        timer = time.CreateTimer(static state => ((MemoryReturn)state!).Look(), this, LookEvery, LookEvery);
    }

    public static MemoryReturn OfProcess() => new(TimeProvider.System, static () => GC.CollectionCount(0), static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    public void Dispose() => timer.Dispose();

    void Look()
    {
        if (collections() - seen <= RestsAt && collections() - counted >= WorthIt)
        {
            giveBack();
            counted = collections();
        }

        seen = collections();
    }
}
