using System.Collections.Concurrent;

namespace Federation.Telemetry;

/// <summary>Where every open watch has got to, by what it watches.</summary>
public sealed class OpenWatches
{
    readonly ConcurrentDictionary<Place, bool> places = new();

    public Place Open(string of, long revision)
    {
        var place = new Place(this, of, revision);
        places[place] = true;
        return place;
    }

    public int Count(string of) => places.Keys.Count(place => place.Of == of);

    /// <summary>By how many changes the slowest watch lies behind the newest; 0 when there is none.</summary>
    public long Lag(string of, long newest) => places.Keys.Where(place => place.Of == of).Select(place => Math.Max(0, newest - place.Revision)).DefaultIfEmpty().Max();

    /// <summary>One watch, from its opening to its end.</summary>
    public sealed class Place(OpenWatches owner, string of, long revision) : IDisposable
    {
        long revision = revision;

        public string Of => of;

        /// <summary>Everything up to this one has been taken from the change log.</summary>
        public long Revision => Volatile.Read(ref revision);

        public void Reach(long reached) => Volatile.Write(ref revision, reached);

        public void Dispose() => owner.places.TryRemove(this, out _);
    }
}
