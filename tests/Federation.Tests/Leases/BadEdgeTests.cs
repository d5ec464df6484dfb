using Federation.Domain.Leases;
using Federation.Proto.V1;
using Federation.Resources;
using Federation.Tests.Hub;
using Lease = Federation.Proto.V1.Lease;

namespace Federation.Tests.Leases;

/// <summary>What an edge says that is stale, foreign, forged or cannot be: refused with its reason or ignored, counted, and nothing freed.</summary>
public sealed class BadEdgeTests : IAsyncLifetime
{
    TestHub hub = null!;
    EdgeVoice east = null!;
    EdgeVoice west = null!;
    Lease lease = null!;

    public async Task InitializeAsync()
    {
        hub = await TestHub.StartAsync(but: static options => options with { FindAbsentLeases = true, FreeAbsentLeases = true });
        await hub.PoolAsync("prod", "10.0.0.0/24", ""","leasing":{"minPrefixLength":25,"maxPrefixLength":28}""");
        (east, west) = (await EdgeVoice.RegisteredAsync("east", hub), await EdgeVoice.RegisteredAsync("west", hub));
        lease = await east.LeaseAsync("prod", 26, "wish");
    }

    /// <summary>Whatever was said: the lease stands, and its block is not free.</summary>
    public async Task DisposeAsync()
    {
        var stored = hub.Store.Current.Find<IPLease>(null, lease.Id)!;
        Assert.Equal((LeasePhase.Active, lease.Epoch), (stored.Status!.Phase, stored.Status.Epoch));
        await west.RequestAsync("prod", 26, "probe", lease.Cidr).IsRefusedAsync(ErrorReason.AddressUnavailable);
        east.Dispose();
        west.Dispose();
        await hub.DisposeAsync();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(long.MaxValue / 2)]
    public async Task An_epoch_that_is_not_the_leases_is_refused_everywhere(long off)
    {
        var stale = new Lease(lease) { Epoch = lease.Epoch + off };

        await east.ConfirmAsync(stale).IsRefusedAsync(ErrorReason.StaleEpoch);
        await east.ReleaseAsync(stale.Id, stale.Epoch).IsRefusedAsync(ErrorReason.StaleEpoch);
        var outcome = (await east.ReportAsync(stale)).Single();

        Assert.Equal((ErrorReason.StaleEpoch, lease.Epoch), (outcome.Error, outcome.Lease.Epoch));
    }

    [Fact]
    public async Task A_lease_of_another_edge_is_like_one_that_does_not_exist()
    {
        await west.ConfirmAsync(lease).IsRefusedAsync(ErrorReason.LeaseNotFound);
        Assert.Equal(LeaseState.Unspecified, (await west.ReleaseAsync(lease.Id, lease.Epoch)).State);
        var outcome = (await west.ReportAsync(lease)).Single();

        Assert.Equal((ErrorReason.LeaseNotFound, null), (outcome.Error, outcome.Lease));
    }

    [Fact]
    public async Task The_name_in_a_message_is_the_callers_or_the_call_is_refused()
    {
        using var forger = EdgeVoice.Of("west", hub);
        var forged = new ReleaseLeaseRequest { Edge = "east", Incarnation = "site-1", LeaseId = lease.Id, Epoch = lease.Epoch };

        await forger.Service.ReleaseLeaseAsync(forged).ResponseAsync.IsRefusedAsync(ErrorReason.IdentityMismatch);
        await forger.Service.RegisterAsync(new() { Edge = "east", Incarnation = "site-1" }).ResponseAsync.IsRefusedAsync(ErrorReason.IdentityMismatch);
        await forger.Service.ListLeasesAsync(new() { Edge = "east", Incarnation = "site-1" }).ResponseAsync.IsRefusedAsync(ErrorReason.IdentityMismatch);
    }

    [Fact]
    public async Task A_second_site_of_the_name_changes_nothing()
    {
        using var twin = EdgeVoice.Of("east", hub, "site-2");

        await twin.RegisterAsync().IsRefusedAsync(ErrorReason.StaleIncarnation);
        await twin.ReleaseAsync(lease.Id, lease.Epoch).IsRefusedAsync(ErrorReason.StaleIncarnation);
        await twin.ReportAsync(lease).IsRefusedAsync(ErrorReason.StaleIncarnation);
        await twin.RequestAsync("prod", 28, "mine").IsRefusedAsync(ErrorReason.StaleIncarnation);
    }

    [Fact]
    public async Task An_old_request_is_answered_as_it_was_or_told_that_it_is_over()
    {
        var replayed = await east.RequestAsync("prod", 26, "wish");
        Assert.Equal((lease.Id, lease.Epoch, lease.Cidr), (replayed.Id, replayed.Epoch, replayed.Cidr));

        var other = await east.LeaseAsync("prod", 28, "short");
        await east.ReleaseAsync(other.Id, other.Epoch);
        await east.RequestAsync("prod", 28, "short").IsRefusedAsync(ErrorReason.LeaseNotActive);
        await east.ConfirmAsync(other).IsRefusedAsync(ErrorReason.LeaseNotActive);
        await east.RequestAsync("prod", 28, "wish").IsRefusedAsync(ErrorReason.LeaseConflict);
        Assert.Equal(LeaseState.Released, (await east.ReleaseAsync(other.Id, other.Epoch)).State);
    }

    [Fact]
    public async Task What_was_never_held_is_given_back_without_effect()
    {
        Assert.Equal(LeaseState.Unspecified, (await east.ReleaseAsync("east-0123456789", 7)).State);
        Assert.Equal(LeaseState.Unspecified, (await east.ReleaseAsync("", 0)).State);
        Assert.Equal(ErrorReason.LeaseNotFound, (await east.ReportAsync([new LeaseRenewal { LeaseId = "east-0123456789", Epoch = 7, Held = new() { Pool = "prod", Cidr = "10.0.0.128/26", RequestId = "x" } }])).Single().Error);
        await east.ConfirmAsync(new() { Id = "east-0123456789", Epoch = 7 }).IsRefusedAsync(ErrorReason.LeaseNotFound);
    }

    [Theory]
    [InlineData("64", "65")]
    [InlineData("128", "10")]
    [InlineData("64", "-1")]
    [InlineData("64", "ten")]
    [InlineData("", "")]
    [InlineData("64", "1000000000000000000000000000000000000000000000000")]
    public async Task Usage_that_does_not_fit_the_block_is_ignored_and_the_lease_renewed(string total, string allocated)
    {
        await east.ReportAsync([EdgeVoice.Renewal(lease, new() { Total = "64", Allocated = "7" })]);

        var outcome = (await east.ReportAsync([EdgeVoice.Renewal(lease, new() { Total = total, Allocated = allocated })])).Single();

        Assert.Equal(ErrorReason.Unspecified, outcome.Error);
        Assert.Equal(("64", "7"), (hub.Store.Current.Find<IPLease>(null, lease.Id)!.Status!.Usage!.Total, hub.Store.Current.Find<IPLease>(null, lease.Id)!.Status!.Usage!.Allocated));
    }

    [Fact]
    public async Task Empty_reports_free_nothing_however_many()
    {
        for (var i = 0; i < 5; i++) await east.ReportAsync();

        Assert.Equal(0, await hub.Get<Federation.Hub.Reaper>().PassAsync(Limits.Cancel));
    }

    [Theory]
    [InlineData(0, 3, "report")]
    [InlineData(4, 3, "report")]
    [InlineData(1, 101, "report")]
    [InlineData(1, 3, "")]
    public async Task A_part_of_no_report_is_refused(int part, int parts, string id) =>
        await east.ReportAsync([EdgeVoice.Renewal(lease)], request => (request.FullReport, request.Part, request.Parts, request.ReportId) = (true, part, parts, id)).IsRefusedAsync(ErrorReason.InvalidRequest);

    [Fact]
    public async Task What_is_refused_is_counted_by_reason()
    {
        using var counts = new CountedRefusals(hub);
        var stale = new Lease(lease) { Epoch = lease.Epoch + 1 };

        await east.ReleaseAsync("east-0123456789", 7);
        await east.ConfirmAsync(stale).IsRefusedAsync(ErrorReason.StaleEpoch);
        await east.ReportAsync(stale);
        await east.ReportAsync([EdgeVoice.Renewal(lease, new() { Total = "64", Allocated = "65" })]);
        await west.ReportAsync(lease);

        Assert.Equal(["IMPLAUSIBLE_USAGE 1", "LEASE_NOT_FOUND 2", "STALE_EPOCH 2"], counts.Read());
    }

    /// <summary>Listens to the one counter of refusals of this hub.</summary>
    sealed class CountedRefusals : IDisposable
    {
        readonly System.Diagnostics.Metrics.MeterListener listener = new();
        readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

        public CountedRefusals(TestHub hub)
        {
            var meters = hub.Get<System.Diagnostics.Metrics.IMeterFactory>();
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name is "federation.edge.refusal" && ReferenceEquals(instrument.Meter.Scope, meters)) self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            {
                var reason = tags[0].Value!.ToString()!;
                lock (counts) counts[reason] = counts.GetValueOrDefault(reason) + count;
            });
            listener.Start();
        }

        public IEnumerable<string> Read()
        {
            lock (counts) return [.. counts.Select(static count => $"{count.Key} {count.Value}")];
        }

        public void Dispose() => listener.Dispose();
    }
}
