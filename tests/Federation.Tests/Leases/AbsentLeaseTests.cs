using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Hub;
using Federation.Proto.V1;
using EdgeObject = Federation.Resources.Edge;
using Lease = Federation.Domain.Leases.Lease;

namespace Federation.Tests.Leases;

/// <summary>Leases the hub has recorded and their edges do not name.</summary>
public sealed class AbsentLeaseTests
{
    static readonly TimeSpan Beat = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Without_both_flags_nothing_is_freed(bool find, bool free)
    {
        await using var scene = await SceneAsync(find, free);
        var (kept, lost) = await LeasesAsync(scene);

        for (var i = 0; i < 5; i++)
        {
            await ReportAsync(scene, kept);
            await scene.PassAsync();
        }

        Assert.Equal(LeasePhase.Active, scene.Find(lost.Id)!.Status!.Phase);
        Assert.Equal(find ? true : null, scene.Find(lost.Id)!.Status!.Absent);
        Assert.Equal(find, scene.Find(lost.Id)!.Status!.Conditions!.Find(ConditionTypes.Ready) is { Status: ConditionStatus.Unknown, Reason: Reasons.LeaseAbsent });
        Assert.Equal(find ? 1 : 0, scene.Storage.Audit.Count(record => record.Action is "lease absent" && record.Subject == lost.Id));
    }

    [Fact]
    public async Task With_both_a_lease_absent_from_two_reports_is_freed_after_its_audit_record()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);

        await ReportAsync(scene, kept);
        Assert.Equal(0, await scene.PassAsync());
        await ReportAsync(scene, kept);
        Assert.Equal(1, await scene.PassAsync());

        Assert.Equal((LeasePhase.Active, LeasePhase.Released), (scene.Find(kept.Id)!.Status!.Phase, scene.Find(lost.Id)!.Status!.Phase));
        Assert.True(scene.Storage.Sequence.IndexOf($"audit absent lease freed {lost.Id}") < scene.Storage.Sequence.IndexOf($"audit lease Released {lost.Id}"));
        Assert.False(await scene.IsFreeAsync(lost.Block)); // it rests first
    }

    [Fact]
    public async Task Nothing_is_freed_before_the_term_is_certainly_over_nor_when_a_new_one_began()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);
        await ReportAsync(scene, kept);
        await scene.Store.WriteAsync("east", transaction => scene.Desk.Confirm(transaction, lost.Id, "east", lost.Epoch), Limits.Cancel); // its answer was lost, and it is told again

        await ReportAsync(scene, kept);
        Assert.Equal(0, await scene.PassAsync());
        Assert.True(scene.Find(lost.Id)!.Status!.Absent);
        scene.Time.Advance(scene.Desk.Terms.Fence);
        Assert.Equal(0, await scene.PassAsync()); // both reports were made before
        await ReportAsync(scene, kept);
        Assert.Equal(0, await scene.PassAsync());
        await ReportAsync(scene, kept);
        Assert.Equal(1, await scene.PassAsync());

        Assert.Equal(LeasePhase.Released, scene.Find(lost.Id)!.Status!.Phase);
    }

    [Fact]
    public async Task An_empty_report_makes_no_candidates_and_neither_do_two_in_a_moment()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);

        for (var i = 0; i < 4; i++) await ReportAsync(scene);
        Assert.Equal(0, await scene.PassAsync());
        for (var i = 0; i < 4; i++) await ReportAsync(scene, TimeSpan.Zero, kept);
        Assert.Equal(0, await scene.PassAsync());

        Assert.Equal(LeasePhase.Active, scene.Find(lost.Id)!.Status!.Phase);
    }

    [Fact]
    public async Task A_report_that_is_not_whole_makes_no_candidates()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);

        for (var i = 0; i < 4; i++)
        {
            await ReportAsync(scene, Beat, request => request.FullReport = false, kept);
            await ReportAsync(scene, Beat, request => (request.ReportId, request.Part, request.Parts) = ($"report-{i}", 1, 2), kept);
        }

        Assert.Equal(0, await scene.PassAsync());
        Assert.Equal(LeasePhase.Active, scene.Find(lost.Id)!.Status!.Phase);
    }

    [Fact]
    public async Task A_lease_that_is_named_again_before_it_is_freed_stays()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);

        await ReportAsync(scene, kept);
        await ReportAsync(scene, kept);
        await ReportAsync(scene, kept, lost);
        Assert.Equal(0, await scene.PassAsync());
        await ReportAsync(scene, kept);
        Assert.Equal(0, await scene.PassAsync());

        Assert.Equal((LeasePhase.Active, null), (scene.Find(lost.Id)!.Status!.Phase, scene.Find(lost.Id)!.Status!.Absent));
    }

    [Fact]
    public async Task What_was_absent_at_an_earlier_epoch_is_not_freed_at_this_one()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);
        await ReportAsync(scene, kept);
        await ReportAsync(scene, kept);

        await scene.Store.WriteAsync("admin", transaction => transaction.PutLease(lost with { Epoch = transaction.NextRevision }, "test"), Limits.Cancel);

        Assert.Equal(0, await scene.PassAsync());
        Assert.Equal(LeasePhase.Active, scene.Find(lost.Id)!.Status!.Phase);
    }

    [Fact]
    public async Task A_report_that_was_late_on_its_way_makes_no_candidates()
    {
        await using var scene = await SceneAsync(find: true, free: true);
        var (kept, lost) = await LeasesAsync(scene);
        var early = scene.Get<ReportMarks>().Next();

        await ReportAsync(scene, kept);
        foreach (var mark in new[] { early, "", "another-1", "1-2-3" }) await ReportAsync(scene, Beat, request => request.AfterMark = mark, kept);
        Assert.Equal(0, await scene.PassAsync());
        await ReportAsync(scene, kept);
        Assert.Equal(1, await scene.PassAsync());

        Assert.Equal(LeasePhase.Released, scene.Find(lost.Id)!.Status!.Phase);
    }

    static Task<ReaperScene> SceneAsync(bool find, bool free) => new ReaperScene(options => options with { FindAbsentLeases = find, FreeAbsentLeases = free }).WithPoolAsync();

    /// <summary>Two leases whose terms are over.</summary>
    static async Task<(Lease Kept, Lease Lost)> LeasesAsync(ReaperScene scene)
    {
        var leases = (await scene.LeaseAsync("kept", LeasePhase.Active), await scene.LeaseAsync("lost", LeasePhase.Active));
        scene.Time.Advance(scene.Desk.Terms.Fence);
        return leases;
    }

    static Task ReportAsync(ReaperScene scene, params Lease[] leases) => ReportAsync(scene, Beat, leases);

    static Task ReportAsync(ReaperScene scene, TimeSpan after, params Lease[] leases) => ReportAsync(scene, after, static _ => { }, leases);

    static async Task ReportAsync(ReaperScene scene, TimeSpan after, Action<RenewLeasesRequest> but, params Lease[] leases)
    {
        scene.Time.Advance(after);
        var request = new RenewLeasesRequest { Edge = "east", Incarnation = "site-1", FullReport = true, AfterMark = scene.Get<ReportMarks>().Next() };
        request.Leases.AddRange(leases.Select(static lease => new LeaseRenewal { LeaseId = lease.Id, Epoch = lease.Epoch }));
        but(request);
        await scene.Store.WriteAsync("east", transaction => scene.Get<ReportDesk>().Take(transaction, transaction.Find<EdgeObject>(null, "east")!, request), Limits.Cancel);
    }
}
