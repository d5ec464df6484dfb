using Federation.Domain.Addressing;
using Federation.Domain.Leases;
using Federation.Hub;
using EdgeObject = Federation.Resources.Edge;
using Lease = Federation.Domain.Leases.Lease;

namespace Federation.Tests.Leases;

/// <summary>What the reaper takes back, in which order, and what it never touches.</summary>
public sealed class ReaperTests : IAsyncLifetime
{
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    ReaperScene scene = null!;

    public async Task InitializeAsync() => scene = await new ReaperScene().WithPoolAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    public async Task An_offer_is_taken_back_at_the_end_of_its_grace_and_not_a_moment_before()
    {
        var offer = await scene.LeaseAsync("wish");
        var failed = await scene.LeaseAsync("refused", LeasePhase.Failed);

        scene.Time.Advance(Grace - TimeSpan.FromTicks(1));
        Assert.Equal(1, await scene.PassAsync());
        Assert.NotNull(scene.Find(offer.Id));
        scene.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, await scene.PassAsync());

        Assert.Empty(scene.Leases);
        Assert.True(await scene.IsFreeAsync(offer.Block) && await scene.IsFreeAsync(failed.Block));
        Assert.Contains(scene.Storage.Audit, record => record.Action is "lease reaped" && record.Subject == offer.Id && record.Detail.Contains($"{offer.Block} of prod", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LeasePhase.Active)]
    [InlineData(LeasePhase.Draining)]
    [InlineData(LeasePhase.Revoked)]
    [InlineData(LeasePhase.Released)]
    public async Task Age_takes_nothing_that_may_be_in_use_not_even_in_ten_years(LeasePhase phase)
    {
        var lease = await scene.LeaseAsync("wish", phase);

        for (var year = 0; year < 10; year++)
        {
            scene.Time.Advance(TimeSpan.FromDays(365));
            Assert.Equal(0, await scene.PassAsync());
        }

        Assert.Equal(phase, scene.Find(lease.Id)!.Status!.Phase);
        Assert.False(await scene.IsFreeAsync(lease.Block));
        Assert.DoesNotContain(scene.Storage.Sequence, entry => entry == $"gone {lease.Id}");
    }

    [Fact]
    public async Task A_lease_that_cannot_be_taken_back_stays_taken_until_it_can_and_its_block_is_lent_once()
    {
        var offer = await scene.LeaseAsync("wish");
        await scene.PoisonAsync(offer);
        scene.Time.Advance(Grace);

        Assert.Equal(0, await scene.PassAsync());
        Assert.False(await scene.IsFreeAsync(offer.Block));
        await scene.HealAsync(offer);
        Assert.Equal(0, await scene.PassAsync());
        scene.Time.Advance(Reaper.Tick * 2);
        Assert.Equal(1, await scene.PassAsync());
        Assert.Equal(0, await scene.PassAsync());

        Assert.Equal([$"audit lease reaped {offer.Id}", $"gone {offer.Id}"], scene.Storage.Sequence.Where(entry => entry.EndsWith(offer.Id, StringComparison.Ordinal) && !entry.Contains("Offered", StringComparison.Ordinal)));
        Assert.Equal(offer.Block, (await scene.LeaseAsync("next")).Block);
    }

    [Fact]
    public async Task A_pass_is_bounded_and_the_rest_follows_in_the_next()
    {
        for (var i = 0; i < Reaper.BatchMax + 5; i++) await scene.LeaseAsync($"wish-{i}");
        scene.Time.Advance(Grace);

        Assert.Equal(Reaper.BatchMax, await scene.PassAsync());
        Assert.Equal(5, scene.Leases.Count());
        Assert.Equal(5, await scene.PassAsync());
        Assert.Equal(0, await scene.PassAsync());
    }

    [Fact]
    public async Task Sixty_poison_rows_do_not_starve_one_good_row()
    {
        for (var i = 0; i < 60; i++) await scene.PoisonAsync(await scene.LeaseAsync($"poison-{i}"));
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        var good = await scene.LeaseAsync("good");
        scene.Time.Advance(Grace);

        Assert.Equal(0, await scene.PassAsync());
        Assert.Equal(1, await scene.PassAsync());

        Assert.Null(scene.Find(good.Id));
        Assert.Equal(60, scene.Leases.Count());
        Assert.DoesNotContain(scene.Storage.Audit, static record => record.Action is "lease reaped" && record.Detail.Contains("poison", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_reapers_at_once_take_each_of_two_hundred_back_once()
    {
        for (var i = 0; i < 200; i++) await scene.LeaseAsync($"wish-{i}");
        scene.Time.Advance(Grace);
        var other = new Reaper(scene.Store, scene.Desk, scene.Get<AbsentLeases>(), scene.Get<HubMetrics>(), scene.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Reaper>.Instance);

        var reaped = 0;
        for (var pass = 0; pass < 4; pass++) reaped += (await Task.WhenAll(scene.PassAsync(), other.PassAsync(Limits.Cancel).Within())).Sum();

        Assert.Equal(200, reaped);
        var gone = scene.Storage.Sequence.Where(static entry => entry.StartsWith("gone ", StringComparison.Ordinal)).ToList();
        Assert.Equal((200, 200), (gone.Count, gone.Distinct().Count()));
    }

    [Fact]
    public async Task A_confirmation_that_races_the_reaper_wins_or_is_told_so_never_both()
    {
        for (var i = 0; i < 200; i++)
        {
            var offer = await scene.LeaseAsync($"race-{i}");
            scene.Time.Advance(Grace);

            var confirming = scene.Store.WriteAsync("east", transaction => scene.Desk.Confirm(transaction, offer.Id, "east", offer.Epoch), Limits.Cancel);
            var reaping = scene.PassAsync();
            var confirmed = await confirming;

            Assert.Equal(confirmed is LeaseDecision.Refused ? 1 : 0, await reaping);
            Assert.Equal(confirmed is LeaseDecision.Changed, scene.Find(offer.Id)?.Status?.Phase is LeasePhase.Active);
            if (confirmed is LeaseDecision.Refused refused) Assert.Equal(LeaseRefusal.LeaseNotFound, refused.Refusal);
        }
    }

    [Fact]
    public async Task The_stuck_are_counted_for_every_pool_and_back_to_none_when_heard()
    {
        await scene.LeaseAsync("wish", LeasePhase.Active);
        var edges = scene.Get<EdgeDesk>();

        await scene.Store.WriteAsync("hub", transaction => { edges.Miss(transaction, transaction.Find<EdgeObject>(null, "east")!); return 0; }, Limits.Cancel);
        Assert.Equal(1, (await scene.Store.WriteAsync("hub", scene.Desk.Stuck, Limits.Cancel))["prod"]);
        await scene.Store.WriteAsync("hub", transaction => { edges.Hear(transaction, transaction.Find<EdgeObject>(null, "east")!); return 0; }, Limits.Cancel);

        Assert.Equal(0, (await scene.Store.WriteAsync("hub", scene.Desk.Stuck, Limits.Cancel))["prod"]);
    }

    [Theory]
    [InlineData("sound", true)]
    [InlineData("no id", false)]
    [InlineData("no edge", false)]
    [InlineData("no such pool", false)]
    [InlineData("the whole root", false)]
    [InlineData("outside", false)]
    [InlineData("another's block", false)]
    [InlineData("nobody's block", false)]
    public void What_else_a_record_says_is_not_acted_upon(string record, bool sound)
    {
        var space = new PoolSpace(Cidr.Parse("10.0.0.0/24"));
        Assert.True(space.TryHold(Cidr.Parse("10.0.0.0/28"), new(HoldKind.Lease, "lease")));
        Assert.True(space.TryHold(Cidr.Parse("10.0.0.16/28"), new(HoldKind.Lease, "other")));
        var lease = new Lease { Id = "lease", Edge = "east", Pool = "prod", Block = Cidr.Parse("10.0.0.0/28"), RequestId = "wish", Index = 0, Phase = LeasePhase.Failed, Epoch = 1, GrantedAt = default, LastRenewedAt = default, ExpiresAt = default };

        Assert.Equal(sound, LeaseLedger.IsSound(record switch
        {
            "no id" => lease with { Id = "" },
            "no edge" => lease with { Edge = "" },
            "the whole root" => lease with { Block = space.Root },
            "outside" => lease with { Block = Cidr.Parse("10.0.1.0/28") },
            "another's block" => lease with { Block = Cidr.Parse("10.0.0.16/28") },
            "nobody's block" => lease with { Block = Cidr.Parse("10.0.0.32/28") },
            _ => lease,
        }, record is "no such pool" ? null : space));
    }
}
