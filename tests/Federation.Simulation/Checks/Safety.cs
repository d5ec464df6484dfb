using Federation.ApiServer;
using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Simulation;

/// <summary>
/// Stands outside of the product and looks at every commit of every disk: which of the guarantees that must hold at each
/// moment does it break?
/// </summary>
sealed class Safety(Fleet fleet)
{
    static readonly string ClaimKind = KindInfo.Of<IPClaim>().ToString();
    static readonly string AllocationKind = KindInfo.Of<IPAllocation>().ToString();
    static readonly string LeaseKind = KindInfo.Of<IPLease>().ToString();

    readonly SortedDictionary<(string Disk, string Name), IPAllocation> allocations = [];
    readonly SortedDictionary<string, IPLease> leases = new(StringComparer.Ordinal);
    readonly Dictionary<string, TimeSpan> renewableUntil = new(StringComparer.Ordinal);
    readonly Dictionary<(string Disk, string Namespace, string Name), string> acknowledged = [];
    readonly Dictionary<(string Disk, string Namespace, string Name), int> dooms = [];
    readonly Dictionary<(string Disk, string Namespace, string Name), int> underWay = [];
    readonly Dictionary<string, (int All, int Lately, TimeSpan Since)> writes = new(StringComparer.Ordinal);

    /// <summary>Writes of one object within <see cref="LatelyIs"/>; more is no work but two who take back what the other wrote.</summary>
    const int LatelyMax = 60;

    static readonly TimeSpan LatelyIs = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Since a restore the hub's records are behind: what was lent since is not in them, and what was given back since is. That
    /// no two allocations overlap must hold all the same.
    /// </summary>
    bool isRestored;

    /// <summary>Uids of allocations that were gone and that a restore brought back: nobody serves from them, and their blocks may be somebody else's.</summary>
    readonly HashSet<string> revived = new(StringComparer.Ordinal);

    /// <summary>The first thing that went wrong; null while nothing has.</summary>
    public string? Violation { get; private set; }

    public long Looks { get; private set; }

    /// <summary>Hears of every write whose object's name or content has this in it.</summary>
    public (string Text, Action<string> Tell)? About { get; init; }

    /// <summary>The object written most often, and how often.</summary>
    public string Busiest => writes.Count == 0 ? "" : writes.MaxBy(static row => row.Value.All) is var (row, times) ? $"{row}: {times.All} writes" : "";

    public void Report(string wrong) => Violation ??= $"at {fleet.Scheduler.Now:hh\\:mm\\:ss\\.fff}: {wrong}";

    /// <summary>How often an object's end was asked for: compared with a later count it says whether anybody did.</summary>
    public int DoomsOf(SimulatedDisk disk, string? ns, string name) => dooms.GetValueOrDefault((disk.Name, ns ?? "", name));

    /// <summary>Somebody was told that a claim exists, of which nobody asked for the end meanwhile.</summary>
    public void Acknowledged(SimulatedDisk disk, Resource made, int doomsBefore)
    {
        if (made is not IPClaim || DoomsOf(disk, made.Namespace, made.Name) != doomsBefore || underWay.GetValueOrDefault((disk.Name, made.Namespace ?? "", made.Name)) > 0) return;
        if (disk.Find(ClaimKind, made.Namespace ?? "", made.Name) is null) Report($"claim {made.Name} was acknowledged at {disk.Name} and is not on its disk");
        else acknowledged[(disk.Name, made.Namespace ?? "", made.Name)] = made.Uid;
    }

    /// <summary>Somebody asks for an object's end: from here on it may be there or not.</summary>
    public void Doomed(SimulatedDisk disk, KindInfo kind, string? ns, string name)
    {
        if (kind.ToString() != ClaimKind) return;
        acknowledged.Remove((disk.Name, ns ?? "", name));
        dooms[(disk.Name, ns ?? "", name)] = DoomsOf(disk, ns, name) + 1;
        underWay[(disk.Name, ns ?? "", name)] = underWay.GetValueOrDefault((disk.Name, ns ?? "", name)) + 1;
    }

    /// <summary>Whoever asked for an object's end has an answer. Without one it stays under way: it may still be done.</summary>
    public void DoomAnswered(SimulatedDisk disk, KindInfo kind, string? ns, string name)
    {
        if (kind.ToString() != ClaimKind) return;
        dooms[(disk.Name, ns ?? "", name)] = DoomsOf(disk, ns, name) + 1;
        underWay[(disk.Name, ns ?? "", name)]--;
    }

    public void Committed(SimulatedDisk disk, CommitBatch batch)
    {
        foreach (var write in batch.Writes)
        {
            Look(disk, write);
            var row = $"{write.Kind} {write.Name} at {disk.Name}";
            Count(row);
            if (About is { } about) Tell(about.Text, about.Tell, row, write);
        }

        Looks++;
        if (Violation is null) CheckHub(disk, batch);
        if (Violation is null) CheckEdge(disk, batch);
    }

    /// <summary>The hub's disk is as it was some time ago: what it acknowledged since is lost.</summary>
    public void Restored()
    {
        isRestored = true;
        leases.Clear();
        foreach (var lease in Stored.All<IPLease>(fleet.Hub.Disk)) leases[lease.Name] = lease;
        var alive = AllocationsOf("hub").Select(static held => held.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var key in allocations.Keys.Where(key => key.Disk == fleet.Hub.Disk.Name).ToList()) allocations.Remove(key);
        foreach (var held in Stored.All<IPAllocation>(fleet.Hub.Disk))
        {
            allocations[(fleet.Hub.Disk.Name, held.Name)] = held;
            if (!alive.Contains(held.Uid)) revived.Add(held.Uid);
        }

        foreach (var key in acknowledged.Keys.Where(key => key.Disk == fleet.Hub.Disk.Name).ToList()) acknowledged.Remove(key);
    }

    /// <summary>Whether something of a lease's edge still lies in its block.</summary>
    public bool IsUsed(IPLease lease) => AllocationsOf(lease.Spec.EdgeName!).Any(held => held.Spec.Cidr!.Value.Overlaps(lease.Spec.Cidr!.Value));

    /// <summary>Whether the edge knows of a revocation, or had no word of the hub for so long that its term is over by any clock.</summary>
    public bool IsCertainlyIdle(IPLease lease) => lease.Status!.Acknowledged is true
        || fleet.Scheduler.Now - renewableUntil.GetValueOrDefault(lease.Name) > fleet.Plan.Terms.Term * 2 + TimeSpan.FromMinutes(2);

    void Tell(string text, Action<string> tell, string row, ObjectWrite write)
    {
        var content = write.Json is { } json ? System.Text.Encoding.UTF8.GetString(json.Span) : "gone";
        if (row.Contains(text, StringComparison.Ordinal) || content.Contains(text, StringComparison.Ordinal)) tell($"{fleet.Scheduler.Now:hh\\:mm\\:ss\\.fff} {row}: {content}");
    }

    void Count(string row)
    {
        var (all, lately, since) = writes.GetValueOrDefault(row);
        if (fleet.Scheduler.Now - since >= LatelyIs) (lately, since) = (0, fleet.Scheduler.Now);
        writes[row] = (all + 1, ++lately, since);
        if (lately > LatelyMax) Report($"{row} was written {lately} times within {LatelyIs.TotalSeconds:0} s");
    }

    void Look(SimulatedDisk disk, ObjectWrite write)
    {
        if (write.Kind == AllocationKind) LookAtAllocation(disk, write);
        else if (write.Kind == LeaseKind && disk == fleet.Hub.Disk) LookAtLease(write);
        else if (write.Kind == ClaimKind) LookAtClaim(disk, write);
    }

    void LookAtAllocation(SimulatedDisk disk, ObjectWrite write)
    {
        if (write.Json is { } json) allocations[(disk.Name, write.Name)] = ResourceJson.Read<IPAllocation>(json.Span);
        else allocations.Remove((disk.Name, write.Name));
    }

    void LookAtLease(ObjectWrite write)
    {
        var before = leases.GetValueOrDefault(write.Name);
        var after = write.Json is { } json ? ResourceJson.Read<IPLease>(json.Span) : null;
        if (after is null) leases.Remove(write.Name);
        else leases[write.Name] = after;
        if (after?.Status?.Phase is LeasePhase.Active or LeasePhase.Draining) renewableUntil[write.Name] = fleet.Scheduler.Now;
        if (!isRestored && before is not null && IsHolding(before) && (after is null || !IsHolding(after)) && IsUsed(before))
        {
            Report($"lease {before.Name} of {before.Spec.EdgeName} ended ({before.Status!.Phase} to {after?.Status?.Phase.ToString() ?? "gone"}) while {before.Spec.Cidr} is in use there");
        }
    }

    void LookAtClaim(SimulatedDisk disk, ObjectWrite write)
    {
        var before = Stored.Find<IPClaim>(disk, write.Namespace, write.Name);
        var after = write.Json is { } json ? ResourceJson.Read<IPClaim>(json.Span) : null;
        if (after is null && before is not null && acknowledged.GetValueOrDefault((disk.Name, write.Namespace, write.Name)) == before.Uid) Report($"claim {write.Name} of {disk.Name} was acknowledged, and went without anybody asking");
        if (before is null || after is null || before.Uid != after.Uid || before.Status?.Phase is not ClaimPhase.Bound || after.Metadata.IsDeleting()) return;
        if (after.Status?.AllocatedCIDR != before.Status.AllocatedCIDR) Report($"claim {write.Name} of {disk.Name} had {before.Status.AllocatedCIDR} and has {after.Status?.AllocatedCIDR}");
        if (after.Status?.Conditions?.Holds(ConditionTypes.Allocated) is not true) Report($"claim {write.Name} of {disk.Name} was Allocated, and is no longer");
    }

    void CheckHub(SimulatedDisk disk, CommitBatch batch)
    {
        if (disk != fleet.Hub.Disk || isRestored) return;
        foreach (var write in batch.Writes)
        {
            if (write.Kind != LeaseKind || !leases.TryGetValue(write.Name, out var lease) || !IsHolding(lease)) continue;
            var block = lease.Spec.Cidr!.Value;
            if (!Root.Contains(block)) Report($"lease {lease.Name} lies outside its pool: {block}");
            if (leases.Values.FirstOrDefault(other => other.Name != lease.Name && IsHolding(other) && other.Spec.Cidr!.Value.Overlaps(block)) is { } twin) Report($"{block} is lent twice: {lease.Name} to {lease.Spec.EdgeName} and {twin.Name} ({twin.Spec.Cidr}) to {twin.Spec.EdgeName}");
            if (AllocationsOf("hub").FirstOrDefault(held => held.Spec.Cidr!.Value.Overlaps(block)) is { } taken) Report($"{block} is lent to {lease.Spec.EdgeName}, and {taken.Spec.Cidr} in it is allocated at the hub");
        }
    }

    void CheckEdge(SimulatedDisk disk, CommitBatch batch)
    {
        foreach (var write in batch.Writes)
        {
            var name = write.Kind == ClaimKind && Stored.Find<IPClaim>(disk, write.Namespace, write.Name)?.Status?.BoundAllocationRef?.Name is { } bound ? bound : write.Name;
            if (write.Kind != AllocationKind && write.Kind != ClaimKind || !allocations.TryGetValue((disk.Name, name), out var made)) continue;
            CheckAlone(disk, name, made);
            if (write.Kind != AllocationKind) continue;
            var block = made.Spec.Cidr!.Value;
            if (!Root.Contains(block)) Report($"{block} at {disk.Name} lies outside the root");
            if (disk != fleet.Hub.Disk && !isRestored && !IsLent(fleet.EdgeOf(disk.Name), block)) Report($"{block} was allocated at {disk.Name}, which holds no confirmed lease of it");
        }
    }

    /// <summary>Two agents that both believe to lead may write two allocations that overlap, as long as only one of them serves.</summary>
    void CheckAlone(SimulatedDisk disk, string name, IPAllocation made)
    {
        foreach (var ((where, otherName), other) in allocations)
        {
            if ((where, otherName) == (disk.Name, name) || !other.Spec.Cidr!.Value.Overlaps(made.Spec.Cidr!.Value)) continue;
            if (revived.Contains(made.Uid) || revived.Contains(other.Uid)) continue;
            if (where == disk.Name && fleet.Plan.Leaders > 1 && !(IsServing(disk, made) && IsServing(disk, other))) continue;
            Report($"{made.Spec.Cidr} is allocated twice: {name} at {disk.Name} and {otherName} ({other.Spec.Cidr}) at {where}");
        }
    }

    static bool IsServing(SimulatedDisk disk, IPAllocation held) => held.Status?.Phase is AllocationPhase.Retained
        || (Stored.Find<IPClaim>(disk, held.Spec.ClaimRef!.Namespace!, held.Spec.ClaimRef.Name!) is { } claim && claim.Uid == held.Spec.ClaimRef.Uid && claim.Status?.BoundAllocationRef?.Name == held.Name);

    /// <summary>Whether an edge may use all of a block, by one lease or by several side by side.</summary>
    bool IsLent(string edge, Cidr block)
    {
        var held = leases.Values.Where(lease => lease.Spec.EdgeName == edge && lease.Status?.Phase is LeasePhase.Active or LeasePhase.Draining or LeasePhase.Revoked).Select(static lease => lease.Spec.Cidr!.Value).ToList();
        return held.Exists(lease => lease.Contains(block)) || held.Where(block.Contains).Aggregate(AddressCount.Zero, static (sum, lease) => sum + lease.Count).Equals(block.Count);
    }

    IEnumerable<IPAllocation> AllocationsOf(string disk) => allocations.Where(entry => fleet.EdgeOf(entry.Key.Disk) == disk).Select(static entry => entry.Value);

    Cidr Root => fleet.Plan.Root;

    static bool IsHolding(IPLease lease) => lease.Status?.Phase is LeasePhase.Offered or LeasePhase.Active or LeasePhase.Draining or LeasePhase.Revoked;
}
