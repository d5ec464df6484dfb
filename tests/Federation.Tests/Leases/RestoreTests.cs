using System.Net;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Tests.Hub;
using Lease = Federation.Proto.V1.Lease;

namespace Federation.Tests.Leases;

/// <summary>A hub that comes back from an old backup hands out nothing that may have been handed out since.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    RestoreScene scene = null!;

    public async Task InitializeAsync()
    {
        scene = await RestoreScene.StartAsync();
        await scene.Hub.PoolAsync("prod", "10.0.0.0/16", ""","leasing":{"minPrefixLength":20,"maxPrefixLength":28,"defaultPrefixLength":24}""");
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    public async Task Every_lease_granted_after_the_backup_is_taken_up_again_in_one_report_with_its_id_and_epoch()
    {
        var before = await LeasesAsync("east", "before", 5);
        await scene.BackUpAsync();
        var since = await LeasesAsync("east", "since", 40);
        await scene.RestoreAsync(isComplete: true);

        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var outcomes = await east.ReportAsync([.. before, .. since]);

        Assert.All(outcomes, static outcome => Assert.Equal(ErrorReason.Unspecified, outcome.Error));
        foreach (var lease in before.Concat(since))
        {
            var stored = scene.Lease(lease.Id)!;
            Assert.Equal((LeasePhase.Active, lease.Epoch, lease.Cidr), (stored.Status!.Phase, stored.Status.Epoch, stored.Spec.Cidr.ToString()));
        }

        await scene.UntilAsync(_ => scene.Epoch is null);
    }

    [Fact]
    public async Task Nothing_is_lent_before_every_edge_has_spoken_and_an_admin_said_that_nobody_is_missing()
    {
        var old = await LeasesAsync("east", "old", 1);
        var other = await LeasesAsync("west", "old", 1);
        await scene.BackUpAsync();
        var since = await LeasesAsync("west", "since", 1);
        await scene.RestoreAsync(isComplete: false);
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        using var west = await EdgeVoice.RegisteredAsync("west", scene.Hub);

        await east.ReportAsync(old);
        await east.RequestAsync("prod", 24, "wish").IsRefusedAsync(ErrorReason.HubRecovering);
        await west.ReportAsync([.. other, .. since]);
        await east.RequestAsync("prod", 24, "wish").IsRefusedAsync(ErrorReason.HubRecovering);
        Assert.Equal(HttpStatusCode.OK, (await scene.AcceptAsync("federations", "hub")).Code);
        await scene.UntilAsync(_ => scene.Epoch is null);
        var granted = await east.RequestAsync("prod", 24, "wish");

        Assert.DoesNotContain(granted.Cidr, old.Concat(other).Concat(since).Select(static lease => lease.Cidr));
        Assert.True(granted.Epoch > since[0].Epoch, "an epoch was given twice");
    }

    [Fact]
    public async Task A_report_from_before_the_restore_that_arrives_after_it_is_not_all_its_edge_holds()
    {
        var old = await LeasesAsync("east", "old", 1);
        await scene.BackUpAsync();
        var since = await LeasesAsync("east", "since", 1);
        await scene.RestoreAsync(isComplete: true);

        using var late = EdgeVoice.Of("east", scene.Hub); // has had no answer of this hub
        await late.ReportAsync(old);
        Assert.NotNull(scene.Epoch);
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        Assert.All(await east.ReportAsync([.. old, .. since]), static outcome => Assert.Equal(ErrorReason.Unspecified, outcome.Error));

        await scene.UntilAsync(_ => scene.Epoch is null);
        Assert.Equal(LeasePhase.Active, scene.Lease(since[0].Id)!.Status!.Phase);
    }

    [Fact]
    public async Task A_claim_at_the_hub_waits_and_says_why_until_an_admin_accepts_the_pool()
    {
        await scene.BackUpAsync();
        var forgotten = (await scene.Hub.ClaimAsync("forgotten", """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Block;
        await scene.RestoreAsync(isComplete: false);

        var waiting = (await scene.Hub.ClaimAsync("later", """{"poolRef":{"name":"prod"},"prefixLength":28}""")).Allocated;
        Assert.Equal(("Unknown", Reasons.HubRecovering), (waiting.Status, waiting.Reason));
        Assert.Equal(HttpStatusCode.OK, (await scene.AcceptAsync("ippools", "prod")).Code);
        await scene.UntilAsync(static snapshot => snapshot.Find<IPClaim>("default", "later") is { } claim && claim.IsBound());

        Assert.NotNull(forgotten);
        var pool = scene.Hub.Store.Current.Find<IPPool>(null, "prod")!;
        await scene.UntilAsync(static snapshot => snapshot.Find<IPPool>(null, "prod")!.Status!.Conditions!.Find(ConditionTypes.Recovered) is { Status: ConditionStatus.True, Reason: Reasons.Recovered });
        Assert.NotNull(scene.Epoch);
    }

    [Fact]
    public async Task A_block_that_two_edges_hold_stays_with_neither_and_is_never_free()
    {
        var lost = (await LeasesAsync("east", "lost", 1))[0];
        await scene.BackUpAsync();
        using (var east = EdgeVoice.Of("east", scene.Hub))
        {
            await east.ReleaseAsync(lost.Id, lost.Epoch);
        }

        await scene.UntilAsync(snapshot => snapshot.Find<IPLease>(null, lost.Id) is null);
        using var west = await EdgeVoice.RegisteredAsync("west", scene.Hub);
        var now = await west.LeaseAsync("prod", 24, "west", lost.Cidr);
        await scene.RestoreAsync(isComplete: true);

        using var back = await EdgeVoice.RegisteredAsync("west", scene.Hub);
        using var stale = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        Assert.Equal(ErrorReason.BlockContested, (await back.ReportAsync(now))[0].Error);
        Assert.Equal(ErrorReason.BlockContested, (await stale.ReportAsync(lost))[0].Error);
        await scene.UntilAsync(_ => scene.Epoch is null);
        await back.RequestAsync("prod", 24, "again", now.Cidr).IsRefusedAsync(ErrorReason.AddressUnavailable);
        Assert.All([lost.Id, now.Id], id => Assert.Equal(Reasons.LeaseConflict, scene.Lease(id)!.Status!.Conditions!.Find(ConditionTypes.Ready)!.Reason));

        await stale.ReleaseAsync(lost.Id, lost.Epoch);
        await scene.UntilAsync(snapshot => snapshot.Find<IPLease>(null, lost.Id) is null);
        await stale.RequestAsync("prod", 24, "mine", now.Cidr).IsRefusedAsync(ErrorReason.AddressUnavailable);
        Assert.Equal(ErrorReason.Unspecified, (await back.ReportAsync(now))[0].Error);
        Assert.Equal((LeasePhase.Active, null), (scene.Lease(now.Id)!.Status!.Phase, scene.Lease(now.Id)!.Status!.Contested));
    }

    [Fact]
    public async Task An_edge_that_was_lent_the_same_block_anew_holds_it_once()
    {
        var first = (await LeasesAsync("east", "first", 1))[0];
        await scene.BackUpAsync();
        using (var east = EdgeVoice.Of("east", scene.Hub))
        {
            await east.ReleaseAsync(first.Id, first.Epoch);
        }

        await scene.UntilAsync(snapshot => snapshot.Find<IPLease>(null, first.Id) is null);
        using var again = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var second = await again.LeaseAsync("prod", 24, "second", first.Cidr);
        await scene.RestoreAsync(isComplete: true);

        using var back = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        Assert.Equal(ErrorReason.Unspecified, (await back.ReportAsync(second))[0].Error);

        Assert.Null(scene.Lease(first.Id));
        Assert.Equal(LeasePhase.Active, scene.Lease(second.Id)!.Status!.Phase);
    }

    [Theory]
    [InlineData("10.0.0.0/24")]
    [InlineData("10.0.5.0/24")]
    public async Task An_offer_that_went_and_was_made_anew_since_the_backup_is_what_its_edge_says(string block)
    {
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var offer = await east.RequestAsync("prod", 24, "wish", "10.0.0.0/24");
        await scene.BackUpAsync();
        await east.ReleaseAsync(offer.Id, offer.Epoch);
        await scene.UntilAsync(snapshot => snapshot.Find<IPLease>(null, offer.Id) is null);
        var lease = await east.LeaseAsync("prod", 24, "wish", block);
        await scene.RestoreAsync(isComplete: true);

        using var back = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var outcome = (await back.ReportAsync(lease))[0];

        Assert.Equal((offer.Id, ErrorReason.Unspecified), (lease.Id, outcome.Error));
        var stored = scene.Lease(lease.Id)!;
        Assert.Equal((LeasePhase.Active, lease.Epoch, block, null), (stored.Status!.Phase, stored.Status.Epoch, stored.Spec.Cidr.ToString(), stored.Status.Contested));
    }

    [Fact]
    public async Task An_offer_from_before_the_backup_is_neither_confirmed_nor_taken_back_until_it_is_known_what_became_of_it()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var offered = await east.RequestAsync("prod", 24, "offer");
        await scene.BackUpAsync();
        var confirmed = await east.ConfirmAsync(offered);
        await scene.RestoreAsync(isComplete: true);
        using var back = await EdgeVoice.RegisteredAsync("east", scene.Hub);

        await back.ConfirmAsync(offered).IsRefusedAsync(ErrorReason.HubRecovering);
        Assert.Equal(0, await scene.Hub.Get<Federation.Hub.Reaper>().PassAsync(Limits.Cancel));
        await back.ReportAsync(confirmed);

        Assert.Equal(LeasePhase.Active, scene.Lease(offered.Id)!.Status!.Phase);
    }

    /// <summary>Seed 1359 of the simulation: the edge waited for the recovery to end, and the recovery for the edge.</summary>
    [Fact]
    public async Task An_edge_that_has_but_an_offer_need_not_name_it_for_the_recovery_to_end_and_confirms_it_then()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var offered = await east.RequestAsync("prod", 24, "offer");
        await scene.BackUpAsync();
        scene.Terms = scene.Terms with { OfferGrace = TimeSpan.Zero };
        await scene.RestoreAsync(isComplete: true);
        using var back = await EdgeVoice.RegisteredAsync("east", scene.Hub);

        await back.ReportAsync();
        await scene.UntilAsync(_ => scene.Epoch is null);
        Assert.Equal(0, await scene.Hub.Get<Federation.Hub.Reaper>().PassAsync(Limits.Cancel)); // it may have been confirmed since the backup
        await back.ConfirmAsync(offered);

        Assert.Equal(LeasePhase.Active, scene.Lease(offered.Id)!.Status!.Phase);
    }

    /// <summary>Seed 1787 of the simulation: the edge could not give back what it knew better than the hub.</summary>
    [Fact]
    public async Task A_later_epoch_that_the_hub_has_forgotten_counts_though_an_agent_that_had_not_heard_of_it_spoke_first()
    {
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var lease = await east.ConfirmAsync(await east.RequestAsync("prod", 24, "wish"));
        await scene.BackUpAsync();
        await scene.Hub.SendAsync("PATCH", $"/apis/ipam.federation.io/v1alpha1/ipleases/{lease.Id}", System.Text.Json.Nodes.JsonNode.Parse("""{"spec":{"revoked":true}}"""), "application/merge-patch+json");
        var revoked = lease.Clone();
        revoked.Epoch = scene.Lease(lease.Id)!.Status!.Epoch!.Value;
        Assert.True(revoked.Epoch > lease.Epoch);
        await scene.RestoreAsync(isComplete: true);
        using var back = await EdgeVoice.RegisteredAsync("east", scene.Hub);

        await back.ReportAsync(lease);
        await scene.UntilAsync(_ => scene.Epoch is null);
        await back.ReportAsync(revoked);
        Assert.Equal(revoked.Epoch, scene.Lease(lease.Id)!.Status!.Epoch);

        var invented = revoked.Clone();
        invented.Epoch++;
        invented.Cidr = "10.0.200.0/24";
        await back.ReportAsync(invented);
        Assert.Equal((revoked.Epoch, lease.Cidr), (scene.Lease(lease.Id)!.Status!.Epoch, scene.Lease(lease.Id)!.Spec.Cidr.ToString()));
    }

    [Fact]
    public async Task A_report_in_parts_counts_once_every_part_is_there()
    {
        var leases = await LeasesAsync("east", "since", 3);
        await scene.BackUpAsync();
        await scene.RestoreAsync(isComplete: true);
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);

        for (var part = 1; part <= 3; part++)
        {
            Assert.NotNull(scene.Epoch);
            await east.ReportAsync([EdgeVoice.Renewal(leases[part - 1])], request => (request.FullReport, request.ReportId, request.Part, request.Parts) = (true, "one", part, 3));
        }

        await scene.UntilAsync(_ => scene.Epoch is null);
    }

    [Fact]
    public async Task A_report_that_is_empty_where_the_hub_knows_of_leases_ends_no_recovery()
    {
        await LeasesAsync("east", "known", 1);
        await scene.BackUpAsync();
        await scene.RestoreAsync(isComplete: true);
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);

        await east.ReportAsync();
        await east.RequestAsync("prod", 24, "wish").IsRefusedAsync(ErrorReason.HubRecovering);
        Assert.Equal(HttpStatusCode.OK, (await scene.AcceptAsync("edges", "east")).Code);

        await scene.UntilAsync(_ => scene.Epoch is null);
    }

    [Fact]
    public async Task An_edge_is_believed_once_and_only_what_can_be()
    {
        await LeasesAsync("east", "known", 1);
        await scene.BackUpAsync();
        await scene.RestoreAsync(isComplete: true);
        using var east = await EdgeVoice.RegisteredAsync("east", scene.Hub);
        var own = Invented("east", "wish", "10.0.9.0/24", epoch: 5);

        var refused = await east.ReportAsync(
            Invented("west", "wish", "10.0.8.0/24", epoch: 5),
            Invented("east", "future", "10.0.8.0/24", epoch: long.MaxValue),
            Invented("east", "outside", "10.99.0.0/24", epoch: 5),
            new Lease(own) { Pool = "nowhere" },
            new Lease(own) { Cidr = "10.0.9.1/24" });

        Assert.Equal([ErrorReason.InvalidRequest, ErrorReason.StaleEpoch, ErrorReason.InvalidRequest, ErrorReason.PoolNotFound, ErrorReason.InvalidRequest], refused.Select(static outcome => outcome.Error));
        Assert.NotNull(scene.Epoch);
        await east.ReportAsync(own);
        await scene.UntilAsync(_ => scene.Epoch is null);
        Assert.Equal(ErrorReason.LeaseNotFound, (await east.ReportAsync(Invented("east", "late", "10.0.10.0/24", epoch: 5)))[0].Error);
    }

    [Fact]
    public async Task The_word_of_an_admin_names_the_restore_it_is_about()
    {
        await scene.BackUpAsync();
        await scene.RestoreAsync(isComplete: false);

        (await scene.AcceptAsync("federations", "hub", "another")).IsStatus(422);
        (await scene.AcceptAsync("ippools", "prod", "another")).IsStatus(422);
        (await scene.Hub.SendAsync("DELETE", TestHub.PoolPath("prod"))).IsStatus(409);
        (await scene.Hub.SendAsync("DELETE", "/apis/ipam.federation.io/v1alpha1/federations/hub")).IsStatus(403);
        Assert.Equal(HttpStatusCode.OK, (await scene.AcceptAsync("federations", "hub")).Code);

        await scene.UntilAsync(_ => scene.Epoch is null);
    }

    [Fact]
    public async Task A_backup_that_is_copied_into_place_by_hand_is_noticed()
    {
        await scene.BackUpAsync();
        await LeasesAsync("east", "since", 1);
        await scene.StopHubAsync();
        foreach (var file in Directory.GetFiles(scene.Data, "objects.db*")) File.Delete(file);
        File.Copy(scene.Backup, Path.Combine(scene.Data, "objects.db"));

        await scene.StartHubAsync();
        var epoch = scene.Epoch;
        Assert.NotNull(epoch);
        await scene.StopHubAsync();
        await scene.StartHubAsync();
        Assert.Equal((epoch, epoch), (scene.Epoch, scene.Hub.Store.StoreEpoch)); // noticed once
    }

    static Lease Invented(string edge, string request, string cidr, long epoch) =>
        new() { Id = LeaseId.Of(edge, request), Edge = edge, Pool = "prod", Cidr = cidr, Epoch = epoch, RequestId = request };

    async Task<List<Lease>> LeasesAsync(string name, string prefix, int count)
    {
        using var edge = await EdgeVoice.RegisteredAsync(name, scene.Hub);
        List<Lease> leases = [];
        for (var i = 0; i < count; i++) leases.Add(await edge.LeaseAsync("prod", 24, $"{prefix}-{i}"));
        return leases;
    }
}
