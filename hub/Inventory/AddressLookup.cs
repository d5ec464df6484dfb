using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>Who holds an address, as far as the hub knows, and since when it knows.</summary>
sealed record AddressLookup
{
    public string ApiVersion { get; init; } = ApiGroup.GroupVersion;

    public string Kind { get; init; } = "AddressLookup";

    public required string Address { get; init; }

    /// <summary>Allocated, Free, Leased (an edge's, and nobody's there), Reserved, Resting, Unknown (its edge has not said) or NotManaged.</summary>
    public required string State { get; init; }

    /// <summary>The root pool it lies in.</summary>
    public string? Pool { get; init; }

    /// <summary>Everybody who holds it: more than one only where something is wrong.</summary>
    public required IReadOnlyList<AddressHolder> Holders { get; init; }

    public required string Message { get; init; }
}

/// <summary>One who holds the address.</summary>
sealed record AddressHolder
{
    /// <summary>Null for a claim at the hub itself.</summary>
    public string? Edge { get; init; }

    public string? Lease { get; init; }

    public LeasePhase? LeasePhase { get; init; }

    /// <summary>The smallest block known to be held.</summary>
    public required Cidr Cidr { get; init; }

    /// <summary>The claim; null when nobody's is known.</summary>
    public Resources.ClaimReference? Claim { get; init; }

    /// <summary>When the edge said so; null when the hub knows it by itself.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>How old that is, in whole seconds; 0 when the hub knows it by itself, null when the edge has not said.</summary>
    public long? AgeSeconds { get; init; }
}

/// <summary>Answers who holds an address, across the fleet: from the hub's objects, and what edges last reported.</summary>
sealed class LookupDesk(ObjectStore store, InventoryBook inventories)
{
    /// <param name="address">A block of one address.</param>
    public AddressLookup Find(Cidr address)
    {
        var snapshot = store.Current;
        var root = snapshot.All<IPPool>().FirstOrDefault(pool => !pool.IsChild() && pool.Spec.Cidr!.Value.Contains(address));
        if (root is null) return new() { Address = Text(address), State = "NotManaged", Holders = [], Message = $"{Text(address)} is in no pool of this hub" };

        var holders = AtHub(snapshot, address).Concat(AtEdges(snapshot, root, address)).ToList();
        var (state, message) = Describe(snapshot, root, address, holders);
        return new() { Address = Text(address), State = state, Pool = root.Name, Holders = holders, Message = message };
    }

    /// <summary>An allocation is named by its pool and block, so that it is found by trying the sizes there are.</summary>
    static IEnumerable<AddressHolder> AtHub(Snapshot snapshot, Cidr address)
    {
        foreach (var pool in snapshot.All<IPPool>())
        {
            if (pool.Block() is not { } space || !space.Contains(address)) continue;
            for (var length = space.Length; length <= space.Width; length++)
            {
                var block = Cidr.Of(address.Network, length, address.Width);
                if (snapshot.Find<IPAllocation>(null, IPAllocation.NameOf(pool.Name, block)) is not { Status.Phase: not AllocationPhase.Resting } allocation) continue;
                yield return new() { Cidr = block, Claim = allocation.Spec.ClaimRef, AgeSeconds = 0 };
            }
        }
    }

    IEnumerable<AddressHolder> AtEdges(Snapshot snapshot, IPPool root, Cidr address)
    {
        foreach (var lease in snapshot.All<IPLease>())
        {
            if (lease.Spec.PoolRef!.Name != root.Name || !lease.Spec.Cidr!.Value.Contains(address) || lease.Status?.Phase is LeasePhase.Released or LeasePhase.Failed) continue;
            var known = inventories.Of(lease.Spec.EdgeName!);
            var entry = known?.Inventory.Find(address);
            yield return new()
            {
                Edge = lease.Spec.EdgeName,
                Lease = lease.Name,
                LeasePhase = lease.Status?.Phase,
                Cidr = entry?.Block ?? lease.Spec.Cidr.Value,
                Claim = entry is null ? null : new() { Namespace = entry.Namespace, Name = entry.Claim, Uid = entry.Uid },
                ObservedAt = known?.ObservedAt,
                AgeSeconds = known is null ? null : (long)inventories.Age(known).TotalSeconds,
            };
        }
    }

    static (string State, string Message) Describe(Snapshot snapshot, IPPool root, Cidr address, List<AddressHolder> holders) => (holders.Find(static holder => holder.Claim is not null), holders) switch
    {
        ({ Edge: null, Claim: { } claim, Cidr: var block }, _) => ("Allocated", $"{Text(address)} is in {block}, held by claim {ClaimReport.Owner(claim.Namespace, claim.Name!)} at the hub"),
        ({ Claim: { } claim } holder, _) => ("Allocated", $"{Text(address)} is in {holder.Cidr}, held by claim {ClaimReport.Owner(claim.Namespace, claim.Name!)} at edge {holder.Edge}, which said so {holder.AgeSeconds} s ago"),
        (_, [{ AgeSeconds: null } lent, ..]) => ("Unknown", $"{Text(address)} is lent to edge {lent.Edge} in {lent.Cidr}, which has not said yet who holds what"),
        (_, [{ } lent, ..]) => ("Leased", $"{Text(address)} is lent to edge {lent.Edge} in {lent.Cidr}; {lent.AgeSeconds} s ago nobody held it there"),
        _ when root.Spec.Reservations?.Any(reserved => reserved.Contains(address)) is true => ("Reserved", $"{Text(address)} is reserved by pool {root.Name}"),
        _ when IsResting(snapshot, root, address) => ("Resting", $"{Text(address)} was given back and rests before it is handed out again"),
        _ => ("Free", $"nobody holds {Text(address)} of pool {root.Name}"),
    };

    static bool IsResting(Snapshot snapshot, IPPool root, Cidr address) =>
        snapshot.All<IPLease>().Any(lease => lease.Spec.PoolRef!.Name == root.Name && lease.Status?.Phase is LeasePhase.Released && lease.Spec.Cidr!.Value.Contains(address))
        || Enumerable.Range(root.Spec.Cidr!.Value.Length, address.Width - root.Spec.Cidr.Value.Length + 1)
            .Any(length => snapshot.Find<IPAllocation>(null, IPAllocation.NameOf(root.Name, Cidr.Of(address.Network, length, address.Width))) is { Status.Phase: AllocationPhase.Resting });

    static string Text(Cidr address) => address.ToString().Split('/')[0];
}
