using System.Globalization;
using Federation.Resources;

namespace Federation.ApiServer;

/// <summary>One change of one object, as watches see it.</summary>
public sealed record Change(long Revision, StoredObject? Before, StoredObject? After)
{
    StoredObject? gone;

    public StoredObject Latest => After ?? Before!;

    /// <summary>The version before with the revision of this change, as a watch tells of what is gone. Made once, for however many watch.</summary>
    internal StoredObject? Gone => Before is null ? null : gone ??= At(Before, Revision);

    static StoredObject At(StoredObject last, long revision)
    {
        var resource = last.Resource with { Metadata = last.Resource.Metadata with { ResourceVersion = revision.ToString(CultureInfo.InvariantCulture) } };
        return new(last.Kind, resource, ResourceJson.Write(resource), revision);
    }
}

/// <summary>
/// The latest changes, each revision one. Watches read it at their own pace: publishing costs the same however many
/// watch, and who falls behind by more than the log holds is told so instead of being buffered for.
/// </summary>
public sealed class ChangeLog(int capacity)
{
    readonly Change?[] ring = new Change?[capacity];
    readonly Signal published = new();
    long first;
    long last;

    /// <summary>The revision of the newest change that may be read.</summary>
    public long Last => Volatile.Read(ref last);

    /// <summary>Starts behind this revision: what came before can no longer be watched.</summary>
    internal void Start(long revision)
    {
        first = revision + 1;
        Volatile.Write(ref last, revision);
    }

    /// <summary>Adds committed changes, in order and without a gap. One writer.</summary>
    internal void Publish(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes) Volatile.Write(ref ring[change.Revision % capacity], change);
        Volatile.Write(ref last, changes[^1].Revision);
        published.Raise();
    }

    /// <summary>The change of this revision, at most <see cref="Last"/>; false when the log no longer holds it.</summary>
    public bool TryRead(long revision, out Change change)
    {
        change = null!;
        if (revision < first || Volatile.Read(ref ring[revision % capacity]) is not { } found || found.Revision != revision) return false;
        change = found;
        return true;
    }

    /// <summary>Completes when something newer than <paramref name="revision"/> can be read.</summary>
    public Task WaitAsync(long revision, CancellationToken cancel) => WaitAsync(revision, Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);

    /// <summary>The same for so long at most; false when nothing newer has come by then.</summary>
    public Task<bool> WaitAsync(long revision, TimeSpan limit, TimeProvider time, CancellationToken cancel) =>
        published.WaitAsync(() => Last > revision, limit, time, cancel);
}
