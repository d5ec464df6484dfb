using System.Diagnostics;
using System.Globalization;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;

namespace Federation.Domain.Leases;

/// <summary>
/// All leases of a hub, and the rules of lending. Questions change nothing; <see cref="Apply"/> follows what was decided,
/// and takes it back with its arguments swapped. An offer is taken back by age, an active lease never.
/// A lease of another edge is answered like one that does not exist.
/// </summary>
public sealed class LeaseLedger
{
    /// <summary>How many claims' last blocks are remembered.</summary>
    const int StickyMax = 100_000;

    readonly SortedDictionary<string, Lease> leases = new(StringComparer.Ordinal);
    readonly Dictionary<(string Edge, string RequestId), string> byRequest = [];
    readonly Dictionary<string, SortedSet<int>> indexes = new(StringComparer.Ordinal);
    readonly Dictionary<string, SortedSet<int>> edgeIndexes = new(StringComparer.Ordinal);
    readonly Dictionary<(string Edge, string Pool), int> heldOfPool = [];
    readonly Dictionary<string, int> held = new(StringComparer.Ordinal);
    readonly StickyBlocks lastBlocks = new(StickyMax);

    /// <summary>By id.</summary>
    public IEnumerable<Lease> All => leases.Values;

    public Lease? Find(string id) => leases.GetValueOrDefault(id);

    /// <summary>How many leases an edge holds, over all pools; those given back do not count.</summary>
    public int Held(string edge) => held.GetValueOrDefault(edge);

    /// <summary>How many leases of one pool an edge holds.</summary>
    public int Held(string edge, string pool) => heldOfPool.GetValueOrDefault((edge, pool));

    /// <summary>What becomes of a request for a block. <paramref name="nextEpoch"/> was never given before.</summary>
    public LeaseDecision Request(LeaseWish wish, LeasablePool? pool, EdgeStanding edge, LeaseTerms terms, long nextEpoch, DateTimeOffset now)
    {
        if (byRequest.TryGetValue((wish.Edge, wish.RequestId), out var known)) return Again(leases[known], wish);
        if (pool is null) return Refuse(LeaseRefusal.PoolNotFound, $"pool {wish.Pool} not found");
        if (pool.IsRecovering) return Recovering(pool.Name);
        if (Forbidden(wish, pool, edge) is { } refused) return refused;

        var root = pool.Space.Root;
        if ((wish.Family ?? wish.Block?.Family) is { } family && family != root.Family)
        {
            return Refuse(LeaseRefusal.AddressFamilyMismatch, ClaimEvaluation.Mismatch(family, pool.Name, root).Message);
        }

        var length = wish.Block?.Length ?? wish.PrefixLength ?? pool.Sizes.DefaultPrefixLength;
        if (length < pool.Sizes.MinPrefixLength || length > pool.Sizes.MaxPrefixLength)
        {
            return Refuse(LeaseRefusal.PrefixLengthOutOfBounds, ClaimEvaluation.OutOfBounds(length, pool.Name, pool.Sizes).Message);
        }

        if (wish.Block is { } wanted && !pool.Space.IsFree(wanted)) return Unavailable(wanted, pool);
        if (wish.Block is { } particular && pool.Avoided.FirstOrDefault(particular.Overlaps) is { IsDefault: false } local)
        {
            return Refuse(LeaseRefusal.AddressUnavailable, $"{particular} is not available in pool {pool.Name}: edge {wish.Edge} uses {local} itself");
        }

        if ((wish.Block ?? Place(wish, pool, length)) is not { } block)
        {
            return Refuse(LeaseRefusal.PoolExhausted, ClaimEvaluation.Exhausted(length, pool.Name).Message);
        }

        return new LeaseDecision.Changed(Before: null, Offer(wish, block, terms, nextEpoch, now));
    }

    /// <summary>The edge has written the offer down: from here on it may allocate.</summary>
    /// <param name="isRecovering">Whether the hub was restored since: the offer may have been taken back, and its block lent to another.</param>
    public LeaseDecision Confirm(string id, string edge, long epoch, LeaseTerms terms, DateTimeOffset now, bool isRecovering = false) => Check(id, edge, epoch) switch
    {
        (null, { } refused) => refused,
        ({ Phase: LeasePhase.Offered, Pool: var pool }, _) when isRecovering => Recovering(pool),
        ({ Phase: LeasePhase.Offered } lease, _) => new LeaseDecision.Changed(lease, Renewed(lease with { Phase = LeasePhase.Active }, terms, now)),
        ({ IsInUse: true } lease, _) => new LeaseDecision.Unchanged(lease),
        ({ } lease, _) => NotActive(lease),
        _ => throw new UnreachableException(),
    };

    /// <summary>A new term, from now.</summary>
    public LeaseDecision Renew(string id, string edge, long epoch, LeaseTerms terms, DateTimeOffset now) => Check(id, edge, epoch) switch
    {
        (null, { } refused) => refused,
        ({ IsInUse: true } lease, _) => new LeaseDecision.Changed(lease, Renewed(lease, terms, now)),
        ({ } lease, _) => NotActive(lease),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The edge vouches that nothing of the block is in use, also of one that was revoked, when it has learned its new
    /// epoch. It rests, then it is free.
    /// </summary>
    public LeaseDecision Release(string id, string edge, long epoch, TimeSpan reuseDelay, DateTimeOffset now) => Check(id, edge, epoch) switch
    {
        (null, { } refused) => refused,
        ({ Phase: LeasePhase.Released or LeasePhase.Failed } lease, _) => new LeaseDecision.Unchanged(lease),
        ({ } lease, _) => new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Released, ReusableAt = now + reuseDelay }),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// An edge says to a restored hub what it holds. What the hub has forgotten is taken up again under its id and epoch;
    /// what it knows from before, as an offer or at an earlier epoch, is brought up to what the edge knows. A block that
    /// is in somebody's way is contested.
    /// </summary>
    /// <param name="space">The pool's space; null when the hub has no such root pool.</param>
    /// <param name="nextEpoch">Never given before: what an edge holds is older.</param>
    public LeaseDecision Reassert(HeldLease held, PoolSpace? space, LeaseTerms terms, long nextEpoch, DateTimeOffset now)
    {
        if (held.Epoch < 1 || held.Epoch >= nextEpoch) return Refuse(LeaseRefusal.StaleEpoch, $"epoch {held.Epoch} was never given");
        if (Find(held.Id) is { } known) return Recall(known, held, terms, now);
        if (byRequest.TryGetValue((held.Edge, held.RequestId), out var other)) return Refuse(LeaseRefusal.LeaseConflict, $"request {held.RequestId} led to lease {other}");
        if (Doubt(held, space) is { } doubt) return doubt;

        var lease = new Lease
        {
            Id = held.Id,
            Edge = held.Edge,
            Pool = held.Pool,
            Block = held.Block,
            RequestId = held.RequestId,
            StickyKey = held.StickyKey,
            Index = SmallestFree(indexes.GetValueOrDefault(held.Pool)),
            EdgeIndex = SmallestFree(edgeIndexes.GetValueOrDefault(held.Edge)),
            Phase = LeasePhase.Active,
            Epoch = held.Epoch,
            GrantedAt = now,
            LastRenewedAt = now,
            ExpiresAt = now + terms.Term,
            IsContested = ContestedBlocks.IsInTheWay(space!, held.Block),
        };
        return new LeaseDecision.Changed(Before: null, lease);
    }

    /// <summary>
    /// Whether what a restored hub knows under an id is long over: a request repeated after its offer was taken back leads to
    /// the same id, never to the same epoch. Its record must go before what the edge holds can be taken up.
    /// </summary>
    public bool IsOver(HeldLease held, PoolSpace? space, long nextEpoch) => Find(held.Id) is { } known && known.Edge == held.Edge
        && held.Epoch > known.Epoch && held.Epoch < nextEpoch
        && (!known.IsInUse || known.Pool != held.Pool || known.Block != held.Block)
        && Doubt(held, space) is null;

    /// <summary>The edge is to empty the block. An offer has nothing to empty: it fails.</summary>
    public LeaseDecision Drain(string id) => Find(id) switch
    {
        null => NotFound(id),
        { Phase: LeasePhase.Draining or LeasePhase.Failed } lease => new LeaseDecision.Unchanged(lease),
        { Phase: LeasePhase.Active } lease => new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Draining }),
        { Phase: LeasePhase.Offered } lease => new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Failed }),
        { } lease => NotActive(lease),
    };

    /// <summary>
    /// The edge may not use the block from here on, whether or not it hears of it: whatever it says of the lease is stale.
    /// An offer cannot be in use: it fails.
    /// </summary>
    public LeaseDecision Revoke(string id, long nextEpoch) => Find(id) switch
    {
        null => NotFound(id),
        { Phase: LeasePhase.Revoked or LeasePhase.Failed } lease => new LeaseDecision.Unchanged(lease),
        { Phase: LeasePhase.Offered } lease => new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Failed }),
        { IsInUse: true } lease => new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Revoked, Epoch = nextEpoch, IsAcknowledged = false }),
        { } lease => NotActive(lease),
    };

    /// <summary>The edge knows that its lease was revoked, and allocates nothing new from the block. What is there may still be in use.</summary>
    public LeaseDecision Acknowledge(string id, string edge, long epoch) => Check(id, edge, epoch) switch
    {
        (null, { } refused) => refused,
        ({ Phase: LeasePhase.Revoked, IsAcknowledged: false } lease, _) => new LeaseDecision.Changed(lease, lease with { IsAcknowledged = true }),
        ({ } lease, _) => new LeaseDecision.Unchanged(lease),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// An admin vouches that nothing uses a revoked block any more. It is free only when the edge knows of the revocation
    /// as well, or its term is certainly over: else it waits.
    /// </summary>
    /// <param name="confirmedEpoch">Which revocation the admin speaks of; a word about an earlier one counts for nothing.</param>
    /// <param name="isFencePassed">Whether <see cref="LeaseTerms.Fence"/> has passed since the last renewal.</param>
    public LeaseDecision Settle(string id, long? confirmedEpoch, bool isFencePassed, TimeSpan reuseDelay, DateTimeOffset now) => Find(id) switch
    {
        null => NotFound(id),
        { Phase: LeasePhase.Revoked } lease when lease.Epoch == confirmedEpoch && (lease.IsAcknowledged || isFencePassed) =>
            new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Released, ReusableAt = now + reuseDelay }),
        { } lease => new LeaseDecision.Unchanged(lease),
    };

    /// <summary>
    /// Whether a lease is taken back unasked: one that failed, or an offer nobody confirmed. Never one that may be in use.
    /// An offer from a far future is one from before the calendar was put back: nothing tells its age, and taking it back is safe at any time.
    /// </summary>
    public static bool IsReapable(Lease lease, LeaseTerms terms, DateTimeOffset now) => lease.Phase switch
    {
        LeasePhase.Failed => true,
        LeasePhase.Offered => (now - lease.GrantedAt).Duration() >= terms.OfferGrace,
        _ => false,
    };

    /// <summary>The leases to take back, by id.</summary>
    public IEnumerable<Lease> Reapable(LeaseTerms terms, DateTimeOffset now) => leases.Values.Where(lease => IsReapable(lease, terms, now));

    /// <summary>
    /// Whether taking a lease back frees just its own block of its own root pool: what else a record says is not acted upon.
    /// </summary>
    /// <param name="space">The space of the pool the lease names; null when there is no such root pool.</param>
    public static bool IsSound(Lease lease, PoolSpace? space) => lease.Id.Length > 0 && lease.Edge.Length > 0
        && space is not null && lease.Block != space.Root && space.Root.Contains(lease.Block)
        && space.HolderOf(lease.Block) is { Kind: HoldKind.Lease, Owner: var owner } && owner == lease.Id;

    /// <summary>
    /// An admin has the hub free what an edge, in all its reports, no longer names. Rests like any block that was given back.
    /// </summary>
    public LeaseDecision FreeAbsent(string id, long epoch, TimeSpan reuseDelay, DateTimeOffset now) => Find(id) switch
    {
        null => NotFound(id),
        { IsInUse: true, IsContested: false } lease when lease.Epoch == epoch => new LeaseDecision.Changed(lease, lease with { Phase = LeasePhase.Released, ReusableAt = now + reuseDelay, IsAbsent = false }),
        { } lease => new LeaseDecision.Unchanged(lease),
    };

    /// <summary>The leases given back whose blocks have rested, by id.</summary>
    public IEnumerable<Lease> Reusable(DateTimeOffset now) =>
        leases.Values.Where(lease => lease is { Phase: LeasePhase.Released, ReusableAt: var rested } && (rested ?? now) <= now);

    /// <summary>Follows one change. Cannot fail; swapped, it takes the change back.</summary>
    public void Apply(Lease? before, Lease? after)
    {
        if (before is not null) Remove(before);
        if (after is not null) Add(after);
    }

    void Add(Lease lease)
    {
        leases.Add(lease.Id, lease);
        byRequest.Add((lease.Edge, lease.RequestId), lease.Id);
        Invariant.Holds(Of(indexes, lease.Pool).Add(lease.Index));
        if (lease.EdgeIndex is { } index) Invariant.Holds(Of(edgeIndexes, lease.Edge).Add(index));
        if (lease is { IsInUse: true, StickyKey: { } key }) lastBlocks.Remember(new(lease.Pool, lease.Edge, key), lease.Block);
        Count(lease, sign: 1);
    }

    void Remove(Lease lease)
    {
        Invariant.Holds(leases.Remove(lease.Id) && byRequest.Remove((lease.Edge, lease.RequestId)) && indexes[lease.Pool].Remove(lease.Index));
        if (lease.EdgeIndex is { } index) Invariant.Holds(edgeIndexes[lease.Edge].Remove(index));
        Count(lease, sign: -1);
    }

    static SortedSet<int> Of(Dictionary<string, SortedSet<int>> used, string parent)
    {
        if (!used.TryGetValue(parent, out var numbers)) used.Add(parent, numbers = []);
        return numbers;
    }

    void Count(Lease lease, int sign)
    {
        if (lease.Phase is LeasePhase.Released or LeasePhase.Failed) return;
        held[lease.Edge] = held.GetValueOrDefault(lease.Edge) + sign;
        heldOfPool[(lease.Edge, lease.Pool)] = heldOfPool.GetValueOrDefault((lease.Edge, lease.Pool)) + sign;
    }

    /// <summary>A repeated request gets the lease it got, as long as that can still become of use. Another wish is no repeat.</summary>
    static LeaseDecision Again(Lease known, LeaseWish wish)
    {
        if (known.Pool != wish.Pool || (wish.Block ?? known.Block) != known.Block || (wish.PrefixLength ?? known.Block.Length) != known.Block.Length)
        {
            return Refuse(LeaseRefusal.LeaseConflict, $"request {wish.RequestId} led to lease {known.Id}, {known.Block} of pool {known.Pool}: it cannot be used for another wish");
        }

        return known.Phase is LeasePhase.Offered || known.IsInUse ? new LeaseDecision.Unchanged(known) : NotActive(known);
    }

    /// <summary>Why an edge's word about a lease the hub does not know cannot be true; null when it can.</summary>
    static LeaseDecision.Refused? Doubt(HeldLease held, PoolSpace? space) => space switch
    {
        _ when !LeaseId.IsOf(held.Id, held.Edge, held.RequestId) => Refuse(LeaseRefusal.Implausible, $"lease {held.Id} is not of edge {held.Edge} and its request"),
        null => Refuse(LeaseRefusal.PoolNotFound, $"pool {held.Pool} not found"),
        _ when !space.Root.Contains(held.Block) => Refuse(LeaseRefusal.Implausible, $"{held.Block} lies outside pool {held.Pool}"),
        _ => null,
    };

    /// <summary>A lease the restored hub knows from before its backup, as the edge has it since.</summary>
    LeaseDecision Recall(Lease known, HeldLease held, LeaseTerms terms, DateTimeOffset now)
    {
        if (known.Edge != held.Edge) return NotFound(known.Id);
        if (known.Pool != held.Pool || known.Block != held.Block) return Refuse(LeaseRefusal.Implausible, $"lease {known.Id} is {known.Block} of pool {known.Pool}, not {held.Block} of {held.Pool}");
        return known switch
        {
            { Phase: LeasePhase.Offered } when held.Epoch == known.Epoch => new LeaseDecision.Changed(known, Renewed(known with { Phase = LeasePhase.Active }, terms, now)),
            { IsInUse: true } when held.Epoch > known.Epoch => new LeaseDecision.Changed(known, Renewed(known with { Epoch = held.Epoch }, terms, now)),
            _ => new LeaseDecision.Unchanged(known),
        };
    }

    LeaseDecision.Refused? Forbidden(LeaseWish wish, LeasablePool pool, EdgeStanding edge)
    {
        if (!pool.Enabled) return Refuse(LeaseRefusal.LeasingDisabled, $"pool {pool.Name} is not leased to edges");
        if (edge.Cordoned || edge.Draining) return Refuse(LeaseRefusal.EdgeCordoned, $"edge {wish.Edge} is {(edge.Draining ? "draining" : "cordoned")}: no new leases");

        var ofPool = Held(wish.Edge, pool.Name);
        if (ofPool >= pool.MaxLeasesPerEdge) return Refuse(LeaseRefusal.QuotaExceeded, $"edge {wish.Edge} holds {ofPool} leases of pool {pool.Name}, its limit is {pool.MaxLeasesPerEdge}");
        return Held(wish.Edge) is var all && all >= edge.MaxLeases ? Refuse(LeaseRefusal.QuotaExceeded, $"edge {wish.Edge} holds {all} leases, its limit is {edge.MaxLeases}") : null;
    }

    /// <summary>The block the same claim had, while it is free; else where the pool would place it, with room to double.</summary>
    Cidr? Place(LeaseWish wish, LeasablePool pool, int length)
    {
        if (wish.StickyKey is { } key && lastBlocks.Find(new(pool.Name, wish.Edge, key)) is { } last && last.Length == length && pool.Space.IsFree(last) && !pool.Avoided.Any(last.Overlaps)) return last;
        return pool.Space.TryFind(length, pool.Sizes.Strategy, pool.Avoided, out var block) ? block : null;
    }

    Lease Offer(LeaseWish wish, Cidr block, LeaseTerms terms, long epoch, DateTimeOffset now) => new()
    {
        Id = FreeId(wish),
        Edge = wish.Edge,
        Pool = wish.Pool,
        Block = block,
        RequestId = wish.RequestId,
        StickyKey = wish.StickyKey,
        Index = SmallestFree(indexes.GetValueOrDefault(wish.Pool)),
        EdgeIndex = SmallestFree(edgeIndexes.GetValueOrDefault(wish.Edge)),
        Phase = LeasePhase.Offered,
        Epoch = epoch,
        GrantedAt = now,
        LastRenewedAt = now,
        ExpiresAt = now + terms.Term,
    };

    string FreeId(LeaseWish wish)
    {
        var attempt = 0;
        var id = LeaseId.Of(wish.Edge, wish.RequestId);
        while (leases.ContainsKey(id)) id = LeaseId.Of(wish.Edge, wish.RequestId, ++attempt);
        return id;
    }

    static int SmallestFree(SortedSet<int>? taken)
    {
        var index = 0;
        foreach (var used in taken ?? [])
        {
            if (used != index) break;
            index++;
        }

        return index;
    }

    /// <summary>The lease, if this edge may speak of it with this epoch; else why not.</summary>
    (Lease? Lease, LeaseDecision.Refused? Refused) Check(string id, string edge, long epoch)
    {
        if (Find(id) is not { } lease || lease.Edge != edge) return (null, NotFound(id));
        return lease.Epoch == epoch
            ? (lease, null)
            : (null, Refuse(LeaseRefusal.StaleEpoch, string.Create(CultureInfo.InvariantCulture, $"lease {id} is at epoch {lease.Epoch}, not {epoch}")));
    }

    Lease Renewed(Lease lease, LeaseTerms terms, DateTimeOffset now) => lease with
    {
        LastRenewedAt = now,
        ExpiresAt = now + terms.Term,
        EdgeIndex = lease.EdgeIndex ?? SmallestFree(edgeIndexes.GetValueOrDefault(lease.Edge)),
        IsAbsent = false,
    };

    static LeaseDecision.Refused Recovering(string pool) =>
        Refuse(LeaseRefusal.HubRecovering, $"the hub was restored from a backup: nothing of pool {pool} is lent until it is known what was lent since");

    static LeaseDecision.Refused NotFound(string id) => Refuse(LeaseRefusal.LeaseNotFound, $"lease {id} not found");

    static LeaseDecision.Refused NotActive(Lease lease) => Refuse(LeaseRefusal.LeaseNotActive, $"lease {lease.Id} is {lease.Phase}");

    static LeaseDecision.Refused Unavailable(Cidr block, LeasablePool pool) =>
        Refuse(LeaseRefusal.AddressUnavailable, ClaimEvaluation.Unavailable(block, pool.Name, pool.Space).Message);

    static LeaseDecision.Refused Refuse(LeaseRefusal refusal, string message) => new(refusal, message);
}
