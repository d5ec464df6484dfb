using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Resources;

namespace Federation.Edge;

/// <summary>What the hub said of a lease, and is not written down yet.</summary>
/// <param name="Renewed">From when its new term counts.</param>
/// <param name="Frozen">Why nothing new may be allocated; empty when that is over.</param>
/// <param name="Epoch">Its epoch from now on.</param>
sealed record LeaseNews(TermAnchor? Renewed = null, string? Frozen = null, bool Draining = false, long? Epoch = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Both together. What was revoked stays so, whatever the hub says of the lease after.</summary>
    public LeaseNews Then(LeaseNews later) => new(later.Renewed ?? Renewed, Frozen is Reasons.LeaseRevoked ? Frozen : later.Frozen ?? Frozen, Draining || later.Draining, later.Epoch ?? Epoch, later.ExpiresAt ?? ExpiresAt);
}

/// <summary>
/// Which of the lent blocks may be allocated from, at this moment: confirmed, its term not over, not frozen and not asked
/// back. Derived from the pool claims; what the hub said counts before it is written down.
/// </summary>
sealed class LeaseBook(IBootClock clock)
{
    readonly Dictionary<string, IPPoolClaim> claims = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> claimOfLease = new(StringComparer.Ordinal);
    readonly Dictionary<string, LeaseNews> news = new(StringComparer.Ordinal);

    /// <summary>Whether another site speaks for this edge: nothing new is allocated then.</summary>
    public bool IsFenced { get; set; }

    /// <summary>
    /// Every lease this site holds or has been offered, once, with the claim it serves: as it is written down. What the edge
    /// tells its hub it must still know after a crash. For a moment two claims have one lease, when one hands on its release.
    /// </summary>
    public IEnumerable<(IPPoolClaim Claim, LeaseGrant Grant)> Held => claims.Values.SelectMany(static claim => GrantsOf(claim).Select(grant => (claim, grant))).DistinctBy(static held => held.grant.Id);

    public void Apply(IPPoolClaim? before, IPPoolClaim? after)
    {
        if (before is not null)
        {
            claims.Remove(before.Uid);
            foreach (var grant in GrantsOf(before).Where(grant => claimOfLease.GetValueOrDefault(grant.Id!) == before.Uid)) claimOfLease.Remove(grant.Id!);
        }

        if (after is null) return;
        claims[after.Uid] = after;
        foreach (var grant in GrantsOf(after)) claimOfLease[grant.Id!] = after.Uid;
    }

    public IPPoolClaim? Claim(string uid) => claims.GetValueOrDefault(uid);

    public IPPoolClaim? ClaimOf(string leaseId) => claimOfLease.TryGetValue(leaseId, out var uid) ? Claim(uid) : null;

    /// <summary>The confirmed block of a pool claim, with all it has grown by in place; null while it has none.</summary>
    public Cidr? Block(string claimUid)
    {
        if (Claim(claimUid)?.Status is not { Lease: { Confirmed: true, Cidr: { } block } } status) return null;
        foreach (var grown in status.Growth ?? [])
        {
            if (grown is { Confirmed: true, Cidr: { } next } && next == block.Buddy) block = block.Parent;
        }

        return block;
    }

    /// <summary>Why nothing new is allocated from a pool claim's block; null when it is open.</summary>
    public string? Closed(string claimUid)
    {
        if (Claim(claimUid) is not { } claim || claim.Metadata.IsDeleting() || claim.Status?.Plan is { Kind: Domain.Plans.PlanKind.ReleaseLease }) return Reasons.Draining;
        if (IsFenced) return Reasons.EdgeFenced;

        var now = clock.Read();
        foreach (var grant in GrantsOf(claim))
        {
            if (grant.Confirmed is true && Closed(grant, now) is { } why) return why;
        }

        return null;
    }

    /// <summary>Takes in what the hub said of a lease. It counts from here on; true when there is something to write down.</summary>
    public bool Hear(string leaseId, LeaseNews said)
    {
        if (ClaimOf(leaseId) is not { } claim) return false;
        news[leaseId] = news.TryGetValue(leaseId, out var earlier) ? earlier.Then(said) : said;
        Written(claim);
        return news.ContainsKey(leaseId);
    }

    /// <summary>The claim with everything the hub said of its leases; itself when nothing is new.</summary>
    public IPPoolClaim Noted(IPPoolClaim claim)
    {
        if (claim.Status is not { } status || !GrantsOf(claim).Any(grant => news.ContainsKey(grant.Id!))) return claim;
        return claim with { Status = status with { Lease = Noted(status.Lease), Growth = status.Growth is null ? null : [.. status.Growth.Select(grant => Noted(grant)!)] } };
    }

    /// <summary>Forgets what the hub said as far as it is written down in this version of the claim.</summary>
    public void Written(IPPoolClaim claim)
    {
        foreach (var grant in GrantsOf(claim).Where(grant => Noted(grant) == grant)) news.Remove(grant.Id!);
    }

    /// <summary>When a lease's term counts from, as far as it is known.</summary>
    public TermAnchor? AnchorOf(LeaseGrant grant) => (news.TryGetValue(grant.Id!, out var said) ? said.Renewed : null) ?? grant.Term?.ToAnchor();

    public static IEnumerable<LeaseGrant> GrantsOf(IPPoolClaim claim) =>
        new[] { claim.Status?.Lease }.Concat(claim.Status?.Growth ?? []).OfType<LeaseGrant>().Where(static grant => grant.Id is not null);

    public static IEnumerable<long?> EpochsOf(IPPoolClaim claim) => GrantsOf(claim).Select(static grant => grant.Epoch);

    string? Closed(LeaseGrant grant, ClockReading now)
    {
        var said = news.GetValueOrDefault(grant.Id!);
        if ((said?.Frozen ?? grant.Frozen) is { Length: > 0 } frozen) return frozen;
        if (grant.Draining is true || said is { Draining: true }) return Reasons.Draining;
        return AnchorOf(grant) is { } anchor && anchor.Left(now) > TimeSpan.Zero ? null : Reasons.LeaseExpired;
    }

    LeaseGrant? Noted(LeaseGrant? grant)
    {
        if (grant?.Id is not { } id || !news.TryGetValue(id, out var said)) return grant;
        return grant with
        {
            Epoch = said.Epoch > (grant.Epoch ?? 0) ? said.Epoch : grant.Epoch,
            Term = said.Renewed is { } anchor ? LeaseTerm.Of(anchor) : grant.Term,
            ExpiresAt = said.ExpiresAt ?? grant.ExpiresAt,
            Frozen = grant.Frozen is Reasons.LeaseRevoked ? grant.Frozen : said.Frozen switch { null => grant.Frozen, "" => null, var why => why },
            Draining = said.Draining ? true : grant.Draining,
        };
    }
}
