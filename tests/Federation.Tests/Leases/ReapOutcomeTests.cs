using Federation.ApiServer;
using Federation.Domain.Leases;
using Federation.Telemetry;
using Federation.Tests.Telemetry;
using Lease = Federation.Domain.Leases.Lease;

namespace Federation.Tests.Leases;

/// <summary>What the hub's metrics say of each way in which taking a lease back can end.</summary>
public sealed class ReapOutcomeTests : IAsyncLifetime
{
    static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    ReaperScene scene = null!;

    public async Task InitializeAsync()
    {
        scene = await new ReaperScene().WithPoolAsync();
        scene.Get<MetricStore>(); // hears only what comes after it
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    public async Task An_offer_confirmed_in_the_last_moment_is_refused_to_the_reaper()
    {
        await scene.LeaseAsync("older");
        scene.Time.Advance(TimeSpan.FromSeconds(1));
        var younger = await scene.LeaseAsync("younger");
        scene.Time.Advance(Grace);
        Task? confirmed = null;
        scene.Storage.Committing = () => confirmed ??= ConfirmAsync(younger);

        Assert.Equal(1, await scene.PassAsync());

        await confirmed!.Within();
        Assert.Equal((1, 1, 0, 0), Outcomes());
        Assert.Equal(LeasePhase.Active, Assert.Single(scene.Leases).Status!.Phase);
    }

    [Fact]
    public async Task A_block_that_is_somebody_else_s_is_refused_to_the_reaper_each_time_it_tries()
    {
        var offer = await scene.LeaseAsync("wish");
        await scene.PoisonAsync(offer);
        scene.Time.Advance(Grace);

        Assert.Equal(0, await scene.PassAsync());
        scene.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await scene.PassAsync());

        Assert.Equal((0, 2, 0, 0), Outcomes());
        await scene.HealAsync(offer);
    }

    [Fact]
    public async Task A_commit_of_unknown_outcome_is_an_error_of_the_deletion()
    {
        await scene.LeaseAsync("wish");
        scene.Time.Advance(Grace);
        scene.Storage.Committing = static () => throw new IOException("the disk is full");

        await Assert.ThrowsAsync<ApiException>(scene.PassAsync);

        Assert.Equal((0, 0, 0, 1), Outcomes());
    }

    Task<LeaseDecision> ConfirmAsync(Lease lease) => scene.Store.WriteAsync("east", transaction => scene.Desk.Confirm(transaction, lease.Id, "east", lease.Epoch), Limits.Cancel);

    (double Reaped, double Refused, double ReleaseErr, double DeleteErr) Outcomes()
    {
        var page = Exposition.Read(PrometheusText.Write(scene.Get<MetricStore>()));
        double Of(string outcome) => page.Sum("federation_lease_reap_total", ("pool", "prod"), ("state", "Offered"), ("outcome", outcome));
        return (Of("reaped"), Of("refused"), Of("release_err"), Of("delete_err"));
    }
}
