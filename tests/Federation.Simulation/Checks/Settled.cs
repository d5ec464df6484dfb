using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Domain.Plans;
using Federation.Resources;

namespace Federation.Simulation;

/// <summary>What must be so some time after the last fault, and is not yet.</summary>
static class Settled
{
    /// <summary>With claims there: each answered for good reason, each block accounted for, both sides of one mind.</summary>
    public static string? Unanswered(Fleet fleet) => Down(fleet)
        ?? First(Disks(fleet), static disk => UnansweredClaim(disk) ?? Orphan(disk) ?? Miscounted(disk))
        ?? First(Undisputed(fleet), site => UnfinishedPlan(site) ?? Estranged(fleet, site))
        ?? First(Stored.All<IPLease>(fleet.Hub.Disk), static lease => lease.Status?.Phase is LeasePhase.Offered ? $"lease {lease.Name} is still only offered" : null)
        ?? First(Disks(fleet), disk => FalselyExhausted(fleet, disk));

    /// <summary>Without claims: no allocation anywhere, and no block lent that nobody filed a pool claim for.</summary>
    public static string? LeftBehind(Fleet fleet) => Down(fleet)
        ?? First(Disks(fleet), static disk => First(Stored.All<IPAllocation>(disk).Where(static held => held.Status?.Phase is not AllocationPhase.Retained), held => $"{held.Name} is left behind at {disk.Name}"))
        ?? First(Undisputed(fleet), site => UnfinishedPlan(site) ?? Estranged(fleet, site))
        ?? First(Disks(fleet), Miscounted);

    static string? Down(Fleet fleet) => fleet.Hub.Process is null ? "the hub is down" : First(fleet.Sites, static site => site.Cluster.Process is null ? $"the API server of {site.Name} is down" : First(site.Agents, agent => agent.Process is null ? $"an agent of {site.Name} is down" : null));

    static string? UnansweredClaim(SimulatedDisk disk) => First(Stored.All<IPClaim>(disk), claim => claim switch
    {
        _ when claim.Metadata.IsDeleting() => $"claim {claim.Name} of {disk.Name} is still going",
        { Status.Phase: ClaimPhase.Bound } => Stored.Find<IPAllocation>(disk, null, claim.Status.BoundAllocationRef!.Name!)?.Spec.ClaimRef!.Uid == claim.Uid ? null : $"claim {claim.Name} of {disk.Name} is bound to nothing",
        _ => claim.Status?.Conditions?.Find(ConditionTypes.Allocated) is { Status: ConditionStatus.False } ? null : $"claim {claim.Name} of {disk.Name} has no answer: {Why(claim)}",
    });

    /// <summary>Each allocation has its claim; what is kept for a claim to come has none.</summary>
    static string? Orphan(SimulatedDisk disk)
    {
        var uids = Stored.All<IPClaim>(disk).Where(static claim => claim.Status?.Phase is ClaimPhase.Bound).ToDictionary(static claim => claim.Uid, static claim => claim.Status!.BoundAllocationRef!.Name!, StringComparer.Ordinal);
        return First(Stored.All<IPAllocation>(disk), held => held.Status?.Phase is AllocationPhase.Retained or AllocationPhase.Resting || uids.GetValueOrDefault(held.Spec.ClaimRef!.Uid!) == held.Name ? null : $"{held.Name} of {disk.Name} belongs to nobody");
    }

    static string? UnfinishedPlan(Site site) => First(Stored.All<IPPoolClaim>(site.Cluster.Disk), claim => claim switch
    {
        { Status.Plan: { Kind: PlanKind.ReleaseLease } } when Holds(site, claim) => null,
        { Status.Plan: { } plan } => $"pool claim {claim.Name} of {site.Name} is still at {plan.Kind}: {Why(claim)}",
        _ when claim.Metadata.IsDeleting() => $"pool claim {claim.Name} of {site.Name} is still going",
        { Status.Phase: ClaimPhase.Bound or ClaimPhase.Error } => null,
        _ => $"pool claim {claim.Name} of {site.Name} has no answer: {Why(claim)}",
    });

    static bool Holds(Site site, IPPoolClaim claim) => Stored.All<IPAllocation>(site.Cluster.Disk).Any(held => held.Spec.PoolRef!.Name == claim.Status!.BoundPoolName);

    /// <summary>Hub and edge agree on what is lent.</summary>
    static string? Estranged(Fleet fleet, Site site)
    {
        var lent = Stored.All<IPLease>(fleet.Hub.Disk).Where(lease => lease.Spec.EdgeName == site.Edge && lease.Status?.Phase is LeasePhase.Active or LeasePhase.Draining or LeasePhase.Revoked).ToDictionary(static lease => lease.Name, StringComparer.Ordinal);
        var held = Stored.All<IPPoolClaim>(site.Cluster.Disk).SelectMany(static claim => Federation.Edge.LeaseBook.GrantsOf(claim)).ToDictionary(static grant => grant.Id!, StringComparer.Ordinal);
        var used = held.Values.Where(static grant => grant.Confirmed is true); // an offer the pool no longer wants goes with it
        bool IsKeptForItsSibling(IPPoolClaim claim, LeaseGrant grant) => grant.Frozen is not null && Holds(site, claim) && !Stored.All<IPAllocation>(site.Cluster.Disk).Any(held => held.Spec.PoolRef!.Name == claim.Status!.BoundPoolName && held.Spec.Cidr!.Value.Overlaps(grant.Cidr!.Value));
        var kept = Stored.All<IPPoolClaim>(site.Cluster.Disk).SelectMany(claim => Federation.Edge.LeaseBook.GrantsOf(claim).Where(grant => IsKeptForItsSibling(claim, grant))).Select(static grant => grant.Id).ToHashSet();
        return First(lent.Values, lease => held.TryGetValue(lease.Name, out var grant) && grant.Cidr == lease.Spec.Cidr ? null : $"lease {lease.Name} ({lease.Spec.Cidr}, {lease.Status!.Phase}) is not known at {site.Name}")
            ?? First(used, grant => lent.ContainsKey(grant.Id!) || kept.Contains(grant.Id) ? null : $"lease {grant.Id} ({grant.Cidr}) of {site.Name} is not lent at the hub");
    }

    /// <summary>A pool's report is the sum of what exists.</summary>
    static string? Miscounted(SimulatedDisk disk) => First(Stored.All<IPPool>(disk).Where(static pool => pool.Metadata.Annotation(Federation.Edge.EdgeNames.MirroredAnnotation) is null), pool =>
    {
        var sum = Stored.All<IPAllocation>(disk).Where(held => held.Spec.PoolRef!.Name == pool.Name && held.Status?.Phase is not AllocationPhase.Resting).Aggregate(AddressCount.Zero, static (sum, held) => sum + held.Spec.Cidr!.Value.Count);
        return pool.Status?.Capacity?.Allocated == sum.ToString() ? null : $"pool {pool.Name} of {disk.Name} counts {pool.Status?.Capacity?.Allocated} allocated addresses, and {sum} are";
    });

    /// <summary>Who was told that there is no room was told the truth.</summary>
    static string? FalselyExhausted(Fleet fleet, SimulatedDisk disk)
    {
        var taken = Stored.All<IPLease>(fleet.Hub.Disk).Where(static lease => lease.Status?.Phase is not LeasePhase.Failed).Select(static lease => lease.Spec.Cidr!.Value)
            .Concat(Stored.All<IPAllocation>(fleet.Hub.Disk).Select(static held => held.Spec.Cidr!.Value)).ToList();
        return First(Stored.All<IPClaim>(disk).Where(static claim => claim.Status?.Conditions?.Find(ConditionTypes.Allocated)?.Reason is Reasons.PoolExhausted), claim =>
            Blocks(fleet.Plan.Root, claim.Spec.PrefixLength!.Value).FirstOrDefault(block => !taken.Exists(block.Overlaps)) is var free && free != default
                ? $"claim {claim.Name} of {disk.Name} is told that there is no /{claim.Spec.PrefixLength}, and {free} is free"
                : null);
    }

    static IEnumerable<Cidr> Blocks(Cidr root, int length)
    {
        if (root.Length == length) return [root];
        var left = Cidr.Parse($"{root.ToString().Split('/')[0]}/{root.Length + 1}", null);
        return Blocks(left, length).Concat(Blocks(left.Buddy, length));
    }

    static string Why(Resource resource) => string.Join("; ", ((resource as IPClaim)?.Status?.Conditions ?? (resource as IPPoolClaim)?.Status?.Conditions ?? []).Select(static condition => $"{condition.Type}={condition.Status} {condition.Reason}: {condition.Message}"));

    static IEnumerable<SimulatedDisk> Disks(Fleet fleet) => Undisputed(fleet).Select(static site => site.Cluster.Disk).Prepend(fleet.Hub.Disk);

    static IEnumerable<Site> Undisputed(Fleet fleet) => fleet.Sites.Where(site => !fleet.IsContested(site));

    static string? First<T>(IEnumerable<T> all, Func<T, string?> wrong) => all.Select(wrong).FirstOrDefault(static found => found is not null);
}
