using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Proto.V1;
using Federation.Resources;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Federation.Hub;

/// <summary>Tells an edge what concerns it: first the pools it may lease, then what changes, several changes of one pool as one.</summary>
sealed class FleetWatch(ObjectStore store, InventoryBook inventories, HubMetrics metrics, TimeProvider time)
{
    /// <summary>A sign of life when there is nothing to say.</summary>
    static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(15);

    public async Task ServeAsync(string edgeName, IServerStreamWriter<WatchEvent> stream, CancellationToken cancel)
    {
        var snapshot = store.Current;
        var edge = snapshot.Find<Edge>(null, edgeName) ?? new Edge { Metadata = new() { Name = edgeName } };
        var known = new SortedSet<string>(StringComparer.Ordinal);
        await stream.WriteAsync(new() { Catalogue = Catalogue(snapshot, edge, known) }, cancel);
        foreach (var lease in snapshot.All<IPLease>())
        {
            if (Notice(lease, edgeName) is { } notice) await stream.WriteAsync(notice, cancel);
        }

        using var place = metrics.EdgeListens(snapshot.Revision);
        for (var revision = snapshot.Revision; ;)
        {
            var news = new News(edgeName, edge, known);
            for (; revision < store.Changes.Last; revision++)
            {
                if (!store.Changes.TryRead(revision + 1, out var change)) throw new RpcException(new Status(StatusCode.Unavailable, "the watch fell too far behind; watch again"));
                news.Take(change);
            }

            edge = news.Edge;
            if (news.SeesOtherPools) await stream.WriteAsync(new() { Catalogue = Catalogue(store.Current, edge, known) }, cancel);
            foreach (var message in news.Messages()) await stream.WriteAsync(message, cancel);
            if (inventories.Ask(edgeName) is { } reportId) await stream.WriteAsync(new() { InventoryWanted = new() { ReportId = reportId } }, cancel);
            place.Reach(revision);
            if (!await store.Changes.WaitAsync(revision, BookmarkEvery, time, cancel)) await stream.WriteAsync(new() { Bookmark = new() { SentAt = Timestamp.FromDateTimeOffset(time.GetUtcNow()) } }, cancel);
        }
    }

    PoolCatalogue Catalogue(Snapshot snapshot, Edge edge, SortedSet<string> known)
    {
        known.Clear();
        var catalogue = new PoolCatalogue { StoreEpoch = store.StoreEpoch };
        foreach (var pool in snapshot.All<IPPool>().Where(pool => LeaseDesk.IsOffered(pool, edge)))
        {
            known.Add(pool.Name);
            catalogue.Pools.Add(pool.ToWire());
        }

        return catalogue;
    }

    static WatchEvent? Notice(IPLease lease, string edge) => (lease.Spec.EdgeName == edge, lease.Status?.Phase) switch
    {
        (true, LeasePhase.Draining) => new() { Drain = new() { LeaseId = lease.Name, Message = "an admin asks for the block" } },
        (true, LeasePhase.Revoked) => new() { Revoke = new() { LeaseId = lease.Name, Epoch = lease.Status.Epoch ?? 0, Message = "an admin took the block away" } },
        _ => null,
    };

    /// <summary>A stretch of changes, as one edge sees it.</summary>
    sealed class News(string edgeName, Edge edge, SortedSet<string> known)
    {
        readonly SortedDictionary<string, IPPool?> pools = new(StringComparer.Ordinal);
        readonly SortedSet<string> freed = new(StringComparer.Ordinal);
        readonly List<WatchEvent> notices = [];

        public Edge Edge { get; private set; } = edge;

        /// <summary>Whether the edge's labels changed, so that other pools are offered to it.</summary>
        public bool SeesOtherPools { get; private set; }

        public void Take(Change change)
        {
            switch (change.After?.Resource ?? change.Before!.Resource)
            {
                case IPPool when change is { Before.Resource: IPPool was, After.Resource: IPPool now } && IsTheSameOffer(was, now):
                    break;
                case IPPool { Spec.ParentPoolRef: null } pool:
                    pools[pool.Name] = change.After is null || !LeaseDesk.IsOffered(pool, Edge) ? null : pool;
                    if (Freed(change.Before?.Resource as IPPool, change.After?.Resource as IPPool)) freed.Add(pool.Name);
                    break;
                case IPLease lease when change.After is not null && lease.Status?.Phase != ((IPLease?)change.Before?.Resource)?.Status?.Phase && Notice(lease, edgeName) is { } notice:
                    notices.Add(notice);
                    break;
                case Edge renewed when renewed.Name == edgeName && change.After is not null:
                    if (!ResourceJson.Same(renewed.Spec, Edge.Spec)) notices.Add(new() { EdgeSettings = new() { Cordoned = renewed.Spec.Cordoned ?? false, Draining = renewed.Spec.Draining ?? false } });
                    SeesOtherPools |= !ResourceJson.Same(renewed.Metadata.Labels, Edge.Metadata.Labels);
                    Edge = renewed;
                    break;
            }
        }

        public IEnumerable<WatchEvent> Messages()
        {
            foreach (var (name, pool) in pools)
            {
                if (pool is not null)
                {
                    known.Add(name);
                    yield return new() { PoolChanged = new() { Pool = pool.ToWire() } };
                }
                else if (known.Remove(name))
                {
                    yield return new() { PoolRemoved = new() { Name = name } };
                }
            }

            foreach (var name in freed) yield return new() { CapacityFreed = new() { Pool = name } };
            foreach (var notice in notices) yield return notice;
        }

        /// <summary>Whether all an edge is told of a pool is as before: what the pool says of its leases is not for edges.</summary>
        static bool IsTheSameOffer(IPPool was, IPPool now) => ResourceJson.Same(was.Spec, now.Spec)
            && ResourceJson.Same(was.Metadata.Labels, now.Metadata.Labels)
            && (was.Status is null ? null : was.Status with { Conditions = null }) == (now.Status is null ? null : now.Status with { Conditions = null });

        /// <summary>Whether there is more to hand out than before, or it may be handed out to more.</summary>
        static bool Freed(IPPool? before, IPPool? after) => after is not null
            && Domain.Addressing.AddressCount.TryParse(after.Status?.Capacity?.Available, out var now)
            && (!Domain.Addressing.AddressCount.TryParse(before?.Status?.Capacity?.Available, out var was) || now.CompareTo(was) > 0
                || !ResourceJson.Same(before!.Spec.Leasing, after.Spec.Leasing));
    }
}
