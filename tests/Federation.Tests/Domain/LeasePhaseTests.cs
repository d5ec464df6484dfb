using Federation.Domain.Leases;

namespace Federation.Tests.Domain;

/// <summary>Every phase of a lease against every question that is asked of it.</summary>
public sealed class LeasePhaseTests
{
    static readonly DateTimeOffset Later = LeaseScene.Start.AddHours(100);

    [Theory]
    [InlineData(LeasePhase.Offered, "Request", "stays Offered")]
    [InlineData(LeasePhase.Active, "Request", "stays Active")]
    [InlineData(LeasePhase.Draining, "Request", "stays Draining")]
    [InlineData(LeasePhase.Revoked, "Request", "LeaseNotActive")]
    [InlineData(LeasePhase.Released, "Request", "LeaseNotActive")]
    [InlineData(LeasePhase.Failed, "Request", "LeaseNotActive")]
    [InlineData(LeasePhase.Offered, "Confirm", "becomes Active")]
    [InlineData(LeasePhase.Active, "Confirm", "stays Active")]
    [InlineData(LeasePhase.Draining, "Confirm", "stays Draining")]
    [InlineData(LeasePhase.Revoked, "Confirm", "LeaseNotActive")]
    [InlineData(LeasePhase.Released, "Confirm", "LeaseNotActive")]
    [InlineData(LeasePhase.Failed, "Confirm", "LeaseNotActive")]
    [InlineData(LeasePhase.Offered, "Renew", "LeaseNotActive")]
    [InlineData(LeasePhase.Active, "Renew", "becomes Active")]
    [InlineData(LeasePhase.Draining, "Renew", "becomes Draining")]
    [InlineData(LeasePhase.Revoked, "Renew", "LeaseNotActive")]
    [InlineData(LeasePhase.Released, "Renew", "LeaseNotActive")]
    [InlineData(LeasePhase.Failed, "Renew", "LeaseNotActive")]
    [InlineData(LeasePhase.Offered, "Release", "becomes Released")]
    [InlineData(LeasePhase.Active, "Release", "becomes Released")]
    [InlineData(LeasePhase.Draining, "Release", "becomes Released")]
    [InlineData(LeasePhase.Revoked, "Release", "becomes Released")]
    [InlineData(LeasePhase.Released, "Release", "stays Released")]
    [InlineData(LeasePhase.Failed, "Release", "stays Failed")]
    [InlineData(LeasePhase.Offered, "Drain", "becomes Failed")]
    [InlineData(LeasePhase.Active, "Drain", "becomes Draining")]
    [InlineData(LeasePhase.Draining, "Drain", "stays Draining")]
    [InlineData(LeasePhase.Revoked, "Drain", "LeaseNotActive")]
    [InlineData(LeasePhase.Released, "Drain", "LeaseNotActive")]
    [InlineData(LeasePhase.Failed, "Drain", "stays Failed")]
    [InlineData(LeasePhase.Offered, "Revoke", "becomes Failed")]
    [InlineData(LeasePhase.Active, "Revoke", "becomes Revoked")]
    [InlineData(LeasePhase.Draining, "Revoke", "becomes Revoked")]
    [InlineData(LeasePhase.Revoked, "Revoke", "stays Revoked")]
    [InlineData(LeasePhase.Released, "Revoke", "LeaseNotActive")]
    [InlineData(LeasePhase.Failed, "Revoke", "stays Failed")]
    public void Each_phase_answers_each_question_in_its_way(LeasePhase phase, string question, string answer)
    {
        var scene = new LeaseScene();
        var lease = scene.TakeIn(phase);

        var decision = Ask(scene, lease, question, "east", lease.Epoch);

        Assert.Equal(answer, Describe(decision));
        Assert.Equal(lease, scene.Ledger.Find(lease.Id));
        if (decision is LeaseDecision.Refused { Message: var message }) Assert.Equal($"lease {lease.Id} is {phase}", message);
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public void A_stale_or_invented_epoch_is_refused_in_every_phase(LeasePhase phase, string question)
    {
        var scene = new LeaseScene();
        var lease = scene.TakeIn(phase);

        foreach (var epoch in new[] { lease.Epoch - 1, lease.Epoch + 1, 0, long.MaxValue })
        {
            var refused = Assert.IsType<LeaseDecision.Refused>(Ask(scene, lease, question, "east", epoch));
            Assert.Equal(LeaseRefusal.StaleEpoch, refused.Refusal);
            Assert.Equal($"lease {lease.Id} is at epoch {lease.Epoch}, not {epoch}", refused.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public void To_another_edge_a_lease_does_not_exist(LeasePhase phase, string question)
    {
        var scene = new LeaseScene();
        var lease = scene.TakeIn(phase);

        var refused = Assert.IsType<LeaseDecision.Refused>(Ask(scene, lease, question, "west", lease.Epoch));
        var unknown = Assert.IsType<LeaseDecision.Refused>(Ask(scene, lease with { Id = "east-0" }, question, "east", lease.Epoch));

        Assert.Equal((LeaseRefusal.LeaseNotFound, $"lease {lease.Id} not found"), (refused.Refusal, refused.Message));
        Assert.Equal((LeaseRefusal.LeaseNotFound, "lease east-0 not found"), (unknown.Refusal, unknown.Message));
    }

    [Theory]
    [InlineData(LeasePhase.Offered, 9, false)]
    [InlineData(LeasePhase.Offered, 10, true)]
    [InlineData(LeasePhase.Offered, -9, false)]
    [InlineData(LeasePhase.Offered, -10, true)]
    [InlineData(LeasePhase.Failed, 0, true)]
    [InlineData(LeasePhase.Active, 10_000_000, false)]
    [InlineData(LeasePhase.Draining, 10_000_000, false)]
    [InlineData(LeasePhase.Revoked, 10_000_000, false)]
    [InlineData(LeasePhase.Released, 10_000_000, false)]
    public void Age_takes_back_an_offer_and_never_what_may_be_in_use(LeasePhase phase, int minutes, bool reapable)
    {
        var scene = new LeaseScene();
        var lease = scene.TakeIn(phase);

        var taken = scene.Ledger.Reapable(LeaseScene.Terms, LeaseScene.Start.AddMinutes(minutes)).ToList();

        Assert.Equal(reapable, LeaseLedger.IsReapable(lease, LeaseScene.Terms, LeaseScene.Start.AddMinutes(minutes)));
        Assert.Equal(reapable ? [lease] : [], taken);
    }

    [Fact]
    public void A_confirmed_or_renewed_lease_has_a_full_term_from_then()
    {
        var scene = new LeaseScene();
        var offered = scene.Take(LeaseScene.Wish("request"));

        var active = scene.Act(scene.Ledger.Confirm(offered.Id, "east", offered.Epoch, LeaseScene.Terms, LeaseScene.Start.AddMinutes(5)));
        var renewed = scene.Act(scene.Ledger.Renew(offered.Id, "east", offered.Epoch, LeaseScene.Terms, Later));

        Assert.Equal((LeaseScene.Start.AddMinutes(5), LeaseScene.Start.AddMinutes(5).AddHours(168)), (active.LastRenewedAt, active.ExpiresAt));
        Assert.Equal((Later, Later.AddHours(168)), (renewed.LastRenewedAt, renewed.ExpiresAt));
        Assert.Equal(offered.Epoch, renewed.Epoch);
        Assert.Equal(offered.GrantedAt, renewed.GrantedAt);
    }

    [Fact]
    public void A_released_block_rests_and_a_second_release_does_not_prolong_it()
    {
        var scene = new LeaseScene();
        var lease = scene.TakeIn(LeasePhase.Released);
        var over = LeaseScene.Start.AddMinutes(1);

        var again = scene.Ledger.Release(lease.Id, "east", lease.Epoch, TimeSpan.FromDays(1), Later);

        Assert.Equal(over, Assert.IsType<LeaseDecision.Unchanged>(again).Lease.ReusableAt);
        Assert.Empty(scene.Ledger.Reusable(over.AddTicks(-1)));
        Assert.Equal([lease], scene.Ledger.Reusable(over));
    }

    [Fact]
    public void A_revoked_lease_speaks_with_a_new_epoch_only()
    {
        var scene = new LeaseScene();
        var active = scene.TakeIn(LeasePhase.Active);

        var revoked = scene.Act(scene.Ledger.Revoke(active.Id, nextEpoch: 7));

        Assert.Equal(7, revoked.Epoch);
        Assert.Equal("StaleEpoch", Describe(scene.Ledger.Release(active.Id, "east", active.Epoch, TimeSpan.Zero, Later)));
        Assert.Equal("becomes Released", Describe(scene.Ledger.Release(active.Id, "east", 7, TimeSpan.Zero, Later)));
    }

    public static TheoryData<LeasePhase, string> Asked()
    {
        var rows = new TheoryData<LeasePhase, string>();
        foreach (var phase in Enum.GetValues<LeasePhase>().Where(static phase => phase is not LeasePhase.Unspecified))
        {
            foreach (var question in new[] { "Confirm", "Renew", "Release" }) rows.Add(phase, question);
        }

        return rows;
    }

    static LeaseDecision Ask(LeaseScene scene, Lease lease, string question, string edge, long epoch) => question switch
    {
        "Request" => scene.Ask(LeaseScene.Wish(lease.RequestId, edge)),
        "Confirm" => scene.Ledger.Confirm(lease.Id, edge, epoch, LeaseScene.Terms, Later),
        "Renew" => scene.Ledger.Renew(lease.Id, edge, epoch, LeaseScene.Terms, Later),
        "Release" => scene.Ledger.Release(lease.Id, edge, epoch, LeaseScene.Terms.ReuseDelay, Later),
        "Drain" => scene.Ledger.Drain(lease.Id),
        "Revoke" => scene.Ledger.Revoke(lease.Id, nextEpoch: 200),
        _ => throw new ArgumentOutOfRangeException(nameof(question)),
    };

    static string Describe(LeaseDecision decision) => decision switch
    {
        LeaseDecision.Changed(_, var after) => $"becomes {after.Phase}",
        LeaseDecision.Unchanged(var lease) => $"stays {lease.Phase}",
        LeaseDecision.Refused(var refusal, _) => refusal.ToString(),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
