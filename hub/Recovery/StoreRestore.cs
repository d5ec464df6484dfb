using System.Globalization;
using Federation.ApiServer;
using Federation.Domain.Conditions;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Makes of a store that was copied back from a backup the beginning of a new history: of what came after the backup it knows nothing.</summary>
static class StoreRestore
{
    /// <summary>
    /// So far ahead go revisions, and with them epochs, uids and resource versions: none that was given after the backup is
    /// given again. A hub that writes a hundred thousand times a second needs five years for so many.
    /// </summary>
    const long Ahead = 1L << 44;

    /// <summary>Whether a revision was given since the last restore, as <paramref name="next"/> will be.</summary>
    public static bool IsSince(long revision, long next) => revision / Ahead == next / Ahead;

    /// <param name="storeEpoch">The new history's name, never used before.</param>
    /// <param name="isComplete">Whether an admin vouches that no edge joined and nothing was claimed at the hub since the backup.</param>
    /// <returns>How many objects and how many edges the backup has.</returns>
    public static async Task<(int Objects, int Edges)> BeginAsync(IObjectStorage storage, string storeEpoch, bool isComplete, DateTimeOffset now)
    {
        var state = await storage.LoadAsync(CancellationToken.None);
        var revision = state.Revision + Ahead;
        var restored = Restored(Stored(state), state.Rows.Count(static row => row.Kind == KindInfo.Of<Edge>().ToString()), storeEpoch, isComplete, revision, now);
        var kind = KindInfo.Of<FederationObject>();
        await storage.CommitAsync(new(
            revision,
            [new(kind.ToString(), "", restored.Name, revision, ResourceJson.Write(restored))],
            [new(now, "restore", "store restored", storeEpoch, $"a backup at revision {state.Revision} became store {storeEpoch} instead of {state.StoreEpoch}{(isComplete ? "; nothing is missing, says the admin" : "")}")],
            storeEpoch));
        return (state.Rows.Count, state.Rows.Count(static row => row.Kind == KindInfo.Of<Edge>().ToString()));
    }

    static FederationObject Stored(StoredState state)
    {
        var kind = KindInfo.Of<FederationObject>();
        var row = state.Rows.FirstOrDefault(row => row.Kind == kind.ToString());
        return row.Json is { } json ? ResourceJson.Read<FederationObject>(json) : new FederationObject
        {
            ApiVersion = kind.ApiVersion,
            Kind = kind.Name,
            Metadata = new() { Name = FederationObject.SingletonName, Uid = Domain.Plans.NameUuid.Of($"{FederationObject.SingletonName}/{state.StoreEpoch}").ToString(), Generation = 1 },
        };
    }

    static FederationObject Restored(FederationObject stored, int edges, string storeEpoch, bool isComplete, long revision, DateTimeOffset now) => stored with
    {
        Metadata = stored.Metadata with { ResourceVersion = revision.ToString(CultureInfo.InvariantCulture), Generation = (stored.Metadata.Generation ?? 0) + 1, CreationTimestamp = stored.Metadata.CreationTimestamp ?? Seconds(now) },
        Spec = stored.Spec with { AcceptedStoreEpoch = isComplete ? storeEpoch : null },
        Status = (stored.Status ?? new()) with
        {
            Recovery = new() { StoreEpoch = storeEpoch, RestoredAt = Seconds(now), WaitingEdges = edges },
            Conditions = (stored.Status?.Conditions ?? []).With(
                [new(ConditionTypes.Recovered, ConditionStatus.False, Reasons.HubRecovering, "the hub was restored from a backup")], stored.Metadata.Generation ?? 1, now),
        },
    };

    static DateTimeOffset Seconds(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerSecond));
}
