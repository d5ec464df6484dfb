using Federation.Domain.Leases;

namespace Federation.Tests.Domain;

/// <summary>When the block of a revoked lease may be lent again: rules nobody gets around.</summary>
public sealed class RevocationTests
{
    static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    readonly LeaseScene scene = new();

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(false, false, true, false)]
    [InlineData(false, true, false, false)]
    [InlineData(false, true, true, false)]
    [InlineData(true, false, false, false)]
    [InlineData(true, false, true, true)]
    [InlineData(true, true, false, true)]
    [InlineData(true, true, true, true)]
    public void A_revoked_block_is_free_once_an_admin_vouched_and_the_edge_knows_or_its_term_is_over(bool confirmed, bool acknowledged, bool fenced, bool free)
    {
        var lease = scene.TakeIn(LeasePhase.Revoked);
        if (acknowledged) lease = scene.Act(scene.Ledger.Acknowledge(lease.Id, "east", lease.Epoch));

        var decision = scene.Ledger.Settle(lease.Id, confirmed ? lease.Epoch : null, fenced, Rest, LeaseScene.Start);

        if (free) Assert.Equal((LeasePhase.Released, LeaseScene.Start + Rest), decision is LeaseDecision.Changed(_, var after) ? (after.Phase, after.ReusableAt) : default);
        else Assert.Equal(new LeaseDecision.Unchanged(lease), decision);
    }

    [Fact]
    public void An_admins_word_about_an_earlier_revocation_counts_for_nothing()
    {
        var lease = scene.TakeIn(LeasePhase.Revoked);
        lease = scene.Act(scene.Ledger.Acknowledge(lease.Id, "east", lease.Epoch));

        foreach (var epoch in new[] { lease.Epoch - 1, lease.Epoch + 1, 1 })
        {
            Assert.Equal(new LeaseDecision.Unchanged(lease), scene.Ledger.Settle(lease.Id, epoch, isFencePassed: true, Rest, LeaseScene.Start));
        }
    }

    [Theory]
    [InlineData(LeasePhase.Offered)]
    [InlineData(LeasePhase.Active)]
    [InlineData(LeasePhase.Draining)]
    public void What_was_not_revoked_cannot_be_confirmed_free(LeasePhase phase)
    {
        var lease = scene.TakeIn(phase);

        Assert.Equal(new LeaseDecision.Unchanged(lease), scene.Ledger.Settle(lease.Id, lease.Epoch, isFencePassed: true, Rest, LeaseScene.Start));
    }

    [Fact]
    public void An_edge_that_does_not_know_the_new_epoch_neither_acknowledges_nor_releases()
    {
        var active = scene.TakeIn(LeasePhase.Active);
        var revoked = scene.Act(scene.Ledger.Revoke(active.Id, nextEpoch: 100));

        Assert.Equal(LeaseRefusal.StaleEpoch, Assert.IsType<LeaseDecision.Refused>(scene.Ledger.Acknowledge(active.Id, "east", active.Epoch)).Refusal);
        Assert.Equal(LeaseRefusal.StaleEpoch, Assert.IsType<LeaseDecision.Refused>(scene.Ledger.Release(active.Id, "east", active.Epoch, Rest, LeaseScene.Start)).Refusal);
        Assert.Equal(revoked, scene.Ledger.Find(active.Id));
    }

    [Fact]
    public void The_fence_is_behind_every_term_an_edge_may_count_with_clocks_that_err_by_a_tenth()
    {
        var terms = LeaseScene.Terms;

        var edgeStopsAtLatest = terms.Term / 0.9;
        var hubWaitsAtLeast = terms.Fence / 1.1;

        Assert.True(edgeStopsAtLatest < hubWaitsAtLeast, $"the edge may allocate for {edgeStopsAtLatest}, the hub lends again after {hubWaitsAtLeast}");
    }

    [Theory]
    [InlineData(null, 25, false)]
    [InlineData("10.0.1.0/24", null, false)]
    [InlineData(null, 24, true)]
    [InlineData("10.0.0.0/24", null, true)]
    [InlineData(null, null, true)]
    public void A_request_id_serves_one_wish_only(string? block, int? length, bool same)
    {
        var lease = scene.Take(LeaseScene.Wish("request", length: 24));

        var decision = scene.Ask(LeaseScene.Wish("request", length: length, block: block));

        if (same) Assert.Equal(new LeaseDecision.Unchanged(lease), decision);
        else Assert.Equal(LeaseRefusal.LeaseConflict, Assert.IsType<LeaseDecision.Refused>(decision).Refusal);
    }
}
