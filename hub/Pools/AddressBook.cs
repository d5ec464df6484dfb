using Federation.ApiServer;
using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Hub;

/// <summary>
/// Which block of which pool is whose: derived from the objects, following each of their changes. The objects are the
/// truth; this is how fast questions about them are answered. Belongs to the writer.
/// </summary>
sealed class AddressBook : IChangeObserver
{
    readonly SortedDictionary<string, PoolEntry> pools = new(StringComparer.Ordinal);
    readonly Dictionary<string, IPAllocation> retained = new(StringComparer.Ordinal);

    readonly SortedSet<(DateTimeOffset Due, string Plural, string Name)> resting = [];

    public AddressBook() => Waiters = new(retained.ContainsKey);

    public Waiters Waiters { get; }

    /// <summary>All leases, and the rules of lending.</summary>
    public LeaseLedger Leases { get; } = new();

    /// <summary>When the next resting block may be handed out again.</summary>
    public DateTimeOffset? NextDue => resting.Count > 0 ? resting.Min.Due : null;

    /// <summary>Pools in which something changed that their status or their waiters should learn of.</summary>
    public SortedSet<string> Touched { get; } = new(StringComparer.Ordinal);

    /// <summary>Pools whose status alone may have something new to say: nobody who waits is helped.</summary>
    public SortedSet<string> Untold { get; } = new(StringComparer.Ordinal);

    /// <summary>Which leases are children of which pools and edges.</summary>
    public LeaseTree Tree { get; } = new();

    public FleetTally Fleet { get; } = new();

    public IEnumerable<PoolEntry> Pools => pools.Values;

    /// <summary>Names the restore the hub has not recovered from yet; null when it knows all there is.</summary>
    public string? RecoveryEpoch { get; private set; }

    /// <summary>Whether something changed on which the recovery depends since somebody last looked.</summary>
    public bool IsRecoveryTouched { get; set; }

    public PoolEntry? Find(string name) => pools.GetValueOrDefault(name);

    /// <summary>A block kept for a claim of this name after the one it was made for.</summary>
    public IPAllocation? FindRetained(string owner) => retained.GetValueOrDefault(owner);

    /// <summary>Allocations and leases whose blocks have rested long enough, by kind and name.</summary>
    public IEnumerable<(string Plural, string Name)> Rested(DateTimeOffset now) =>
        resting.TakeWhile(entry => entry.Due <= now).Select(static entry => (entry.Plural, entry.Name));

    /// <summary>
    /// What is to rest longer than any pool asks for, with a moment that is not too late: the calendar was ahead when it was
    /// given back, and has been put right since.
    /// </summary>
    public IEnumerable<(string Plural, string Name, DateTimeOffset Due)> RestingTooLong(DateTimeOffset now, TimeSpan usual)
    {
        if (resting.Count == 0 || resting.Max.Due - now <= usual) return [];
        var longest = pools.Values.Select(static entry => TimeSpan.FromSeconds(entry.Pool.Spec.Allocation?.ReuseDelaySeconds ?? 0)).Append(usual).Max();
        return resting.Reverse().TakeWhile(entry => entry.Due - now > longest).Select(entry => (entry.Plural, entry.Name, now + longest));
    }

    public ClaimTarget Target(PoolReference? byName, LabelSelector? selector, Func<PoolEntry, bool> eligible)
    {
        if (byName?.Name is { } name) return new ClaimTarget.Named(name, Find(name) is { } entry && eligible(entry) ? entry.Offer : null);

        var matching = pools.Values.Where(entry => eligible(entry) && selector!.Matches(entry.Pool.Metadata.Labels)).Select(static entry => entry.Offer).ToList();
        return new ClaimTarget.Selected(selector!.ToString(), matching);
    }

    public void Load(Snapshot snapshot)
    {
        foreach (var federation in snapshot.All<FederationObject>()) Apply(null, federation);
        foreach (var pool in snapshot.All<IPPool>().OrderBy(static pool => pool.IsChild())) Apply(null, pool);
        foreach (var allocation in snapshot.All<IPAllocation>()) Apply(null, allocation);
        foreach (var lease in snapshot.All<IPLease>()) Apply(null, lease);
        foreach (var edge in snapshot.All<Edge>()) Apply(null, edge);
        foreach (var claim in snapshot.All<IPClaim>()) Apply(null, claim);
        foreach (var claim in snapshot.All<IPPoolClaim>()) Apply(null, claim);
    }

    public void Apply(Resource? before, Resource? after)
    {
        switch (after ?? before)
        {
            case IPPool:
                Apply((IPPool?)before, (IPPool?)after);
                Waiters.Apply((IPPool?)before, (IPPool?)after);
                break;
            case IPAllocation:
                Apply((IPAllocation?)before, (IPAllocation?)after);
                break;
            case IPLease:
                Apply((IPLease?)before, (IPLease?)after);
                break;
            case Edge:
                Apply((Edge?)before, (Edge?)after);
                IsRecoveryTouched |= RecoveryEpoch is not null;
                break;
            case FederationObject:
                Recover(((FederationObject?)after)?.Status?.Recovery?.StoreEpoch);
                IsRecoveryTouched = RecoveryEpoch is not null;
                break;
            case IPClaim claim:
                if (Waiters.Apply((IPClaim?)before, (IPClaim?)after) && claim.Spec.PoolRef?.Name is { } named && Find(named) is { Pool: var asked } && asked.IsChild()) Untold.Add(named);
                break;
            case IPPoolClaim:
                Waiters.Apply((IPPoolClaim?)before, (IPPoolClaim?)after);
                break;
        }
    }

    void Apply(IPPool? before, IPPool? after)
    {
        var name = (after ?? before)!.Name;
        var (had, has) = (before?.Block(), after?.Block());
        if (had is { } old && had != has) Close(before!, old);
        if (after is null) pools.Remove(name);
        else if (has is { } block && had != has) Open(after, block);
        else if (pools.TryGetValue(name, out var entry)) Renew(entry, before!, after);
        else pools.Add(name, new PoolEntry(after, space: null));
        if (RecoveryEpoch is not null) CloseRecovering();
        if (IsNews(before, after)) Touched.Add(name);
    }

    void Recover(string? epoch)
    {
        if (epoch == RecoveryEpoch) return;
        RecoveryEpoch = epoch;
        CloseRecovering();
        Touched.UnionWith(pools.Keys);
    }

    /// <summary>A child pool opens with its parent.</summary>
    void CloseRecovering()
    {
        foreach (var entry in pools.Values)
        {
            var parent = entry.Pool.Spec.ParentPoolRef?.Name is { } name ? Find(name)?.Pool : null;
            entry.IsRecovering = RecoveryEpoch is not null && entry.Pool.Spec.AcceptedStoreEpoch != RecoveryEpoch && parent?.Spec.AcceptedStoreEpoch != RecoveryEpoch;
        }
    }

    /// <summary>Whether a change of a pool may matter to anybody: its own report does not.</summary>
    static bool IsNews(IPPool? before, IPPool? after) => before is null || after is null
        || before.Block() != after.Block()
        || before.Metadata.IsDeleting() != after.Metadata.IsDeleting()
        || before.Status?.Phase is PoolPhase.Draining != after.Status?.Phase is PoolPhase.Draining
        || !ResourceJson.Same(before.Metadata.Labels, after.Metadata.Labels)
        || !ResourceJson.Same(before.Spec, after.Spec);

    void Open(IPPool pool, Cidr block)
    {
        if (pool.Spec.ParentPoolRef?.Name is { } parent) Take(parent, block, ChildHolder(pool));
        var entry = new PoolEntry(pool, new PoolSpace(block));
        entry.Reserve();
        pools[pool.Name] = entry;
    }

    void Close(IPPool pool, Cidr block)
    {
        Invariant.Holds(pools[pool.Name] is { Contents: 0 });
        pools[pool.Name] = new PoolEntry(pool, space: null);
        if (pool.Spec.ParentPoolRef?.Name is { } parent) Give(parent, block, ChildHolder(pool));
    }

    static void Renew(PoolEntry entry, IPPool before, IPPool after)
    {
        entry.Renew(after);
        if (!ReferenceEquals(before.Spec, after.Spec)) entry.Reserve();
    }

    void Apply(IPAllocation? before, IPAllocation? after)
    {
        Move(Hold.Of(before), Hold.Of(after));
        if (before is { Status.Phase: AllocationPhase.Retained }) Keep(Hold.Owner(before.Spec.ClaimRef!), null);
        if (after is { Status.Phase: AllocationPhase.Retained }) Keep(Hold.Owner(after.Spec.ClaimRef!), after);
        if (before is { Status: { Phase: AllocationPhase.Resting, ReusableAt: { } was } }) resting.Remove((was, Allocations, before.Name));
        if (after is { Status: { Phase: AllocationPhase.Resting, ReusableAt: { } due } }) resting.Add((due, Allocations, after.Name));
    }

    void Keep(string owner, IPAllocation? allocation)
    {
        if (allocation is null) retained.Remove(owner);
        else retained[owner] = allocation;
        Waiters.Kept(owner);
    }

    void Apply(IPLease? before, IPLease? after)
    {
        if (before is { Status.Contested: true }) pools[before.Spec.PoolRef!.Name!].Settle(before.Name);
        Move(Hold.Of(before), Hold.Of(after));
        if (after is { Status.Contested: true }) pools[after.Spec.PoolRef!.Name!].Contest(after.Name, after.Spec.Cidr!.Value);
        Leases.Apply(before?.ToLease(), after?.ToLease());
        Tree.Apply(before, after);
        if (before is { Status: { Phase: LeasePhase.Released, ReusableAt: { } was } }) resting.Remove((was, LeasesPlural, before.Name));
        if (after is { Status: { Phase: LeasePhase.Released, ReusableAt: { } due } }) resting.Add((due, LeasesPlural, after.Name));
    }

    void Apply(Edge? before, Edge? after)
    {
        Fleet.Apply(before, after);
        if (before is null || after is null || before.Metadata.Generation != after.Metadata.Generation) Tree.Edges.Touched.Add((after ?? before)!.Name);
    }

    void Move(Hold? before, Hold? after)
    {
        if (before == after) return;
        if (before is { } had) Give(had.Pool, had.Block, had.Holder);
        if (after is { } has) Take(has.Pool, has.Block, has.Holder);
    }

    void Take(string pool, Cidr block, Holder holder)
    {
        Invariant.Holds(pools.TryGetValue(pool, out var entry) && entry.Take(block, holder));
        Touched.Add(pool);
    }

    void Give(string pool, Cidr block, Holder holder)
    {
        Invariant.Holds(pools.TryGetValue(pool, out var entry) && entry.Give(block, holder));
        Touched.Add(pool);
    }

    static readonly string Allocations = KindInfo.Of<IPAllocation>().Plural;

    static readonly string LeasesPlural = KindInfo.Of<IPLease>().Plural;

    static Holder ChildHolder(IPPool pool) => new(HoldKind.ChildPool, pool.Name);

    /// <summary>A block of a pool in somebody's hand, as an object says it.</summary>
    readonly record struct Hold(string Pool, Cidr Block, Holder Holder)
    {
        public static Hold? Of(IPAllocation? allocation) => Holding.Of(allocation) is not { } held ? null : new(
            held.Space, held.Block, new(allocation!.Status?.Phase is AllocationPhase.Resting ? HoldKind.Cooling : HoldKind.Allocation, Owner(allocation.Spec.ClaimRef!)));

        public static Hold? Of(IPLease? lease) => Holding.Of(lease) is not { } held ? null : new(
            held.Space,
            held.Block,
            new(lease!.Status?.Phase switch
            {
                LeasePhase.Revoked => HoldKind.Quarantine,
                LeasePhase.Released => HoldKind.Cooling,
                _ => HoldKind.Lease,
            }, lease.Name));

        public static string Owner(ClaimReference claim) => ClaimReport.Owner(claim.Namespace, claim.Name!);
    }
}
