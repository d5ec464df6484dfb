using Federation.Domain;
using Federation.Domain.Addressing;
using Federation.Domain.Claims;
using Federation.Domain.Leases;

namespace Federation.Tests.Domain;

/// <summary>A ledger with one root pool, acting on what is decided as a hub does.</summary>
sealed class LeaseScene
{
    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly LeaseTerms Terms = new();

    public static readonly EdgeStanding Welcome = new(Cordoned: false, Draining: false, MaxLeases: null);

    long epoch;

    public LeaseLedger Ledger { get; } = new();

    public LeasablePool Pool { get; set; } = PoolOf("10.0.0.0/16");

    public static LeasablePool PoolOf(string root, int min = 20, int max = 28, int preset = 24, int? most = null) =>
        new("prod", new PoolSpace(Cidr.Parse(root)), new PoolRules(min, max, preset, PlacementStrategy.FirstFit), Enabled: true, most);

    public static LeaseWish Wish(string requestId, string edge = "east", int? length = null, string? block = null, string? key = null) => new()
    {
        Edge = edge,
        RequestId = requestId,
        Pool = "prod",
        PrefixLength = length,
        Block = block is null ? null : Cidr.Parse(block),
        StickyKey = key,
    };

    public LeaseDecision Ask(LeaseWish wish, EdgeStanding? standing = null, DateTimeOffset? now = null) =>
        Ledger.Request(wish, Pool, standing ?? Welcome, Terms, epoch + 1, now ?? Start);

    /// <summary>A new lease, written down.</summary>
    public Lease Take(LeaseWish wish)
    {
        var lease = Assert.IsType<LeaseDecision.Changed>(Ask(wish)).After;
        Follow(null, lease);
        epoch = lease.Epoch;
        return lease;
    }

    /// <summary>Acts on a decision that changes something.</summary>
    public Lease Act(LeaseDecision decision)
    {
        var (before, after) = Assert.IsType<LeaseDecision.Changed>(decision);
        Follow(before, after);
        return after;
    }

    public void Follow(Lease? before, Lease? after)
    {
        Ledger.Apply(before, after);
        if (before is not null) Invariant.Holds(Pool.Space.Release(before.Block, HolderOf(before)));
        if (after is not null) Invariant.Holds(Pool.Space.TryHold(after.Block, HolderOf(after)));
    }

    /// <summary>A lease in this phase.</summary>
    public Lease TakeIn(LeasePhase phase)
    {
        var offered = Take(Wish("request"));
        return phase switch
        {
            LeasePhase.Offered => offered,
            LeasePhase.Failed => Act(Ledger.Drain(offered.Id)),
            LeasePhase.Active => Confirm(offered),
            LeasePhase.Draining => Act(Ledger.Drain(Confirm(offered).Id)),
            LeasePhase.Released => Release(Confirm(offered)),
            LeasePhase.Revoked => Act(Ledger.Revoke(Confirm(offered).Id, nextEpoch: 100)),
            _ => throw new ArgumentOutOfRangeException(nameof(phase)),
        };
    }

    public Lease Confirm(Lease lease) => Act(Ledger.Confirm(lease.Id, lease.Edge, lease.Epoch, Terms, Start));

    public Lease Release(Lease lease) => Act(Ledger.Release(lease.Id, lease.Edge, lease.Epoch, Terms.ReuseDelay, Start));

    public void Forget(Lease lease) => Follow(lease, null);

    static Holder HolderOf(Lease lease) => new(lease.Phase is LeasePhase.Released ? HoldKind.Cooling : HoldKind.Lease, lease.Id);
}
