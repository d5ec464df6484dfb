using Federation.Domain.Addressing;
using Federation.Domain.Conditions;
using Federation.Domain.Leases;
using Federation.Edge;
using Federation.Proto.V1;
using Federation.Resources;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Lease = Federation.Proto.V1.Lease;

namespace Federation.Tests.Leases;

/// <summary>A hub that answers garbage: nothing of it is acted upon, and nobody falls over.</summary>
public sealed class BadHubTests
{
    static readonly ClockReading Now = new("boot", TimeSpan.FromHours(1), VirtualTime.Start);

    static readonly LeaseGrant Grant = new() { Id = "east-1", Epoch = 7, Cidr = Cidr.Parse("10.0.0.0/26") };

    static Lease Sound => new() { Id = "east-1", Epoch = 7, Cidr = "10.0.0.0/26", State = LeaseState.Active, Term = Duration.FromTimeSpan(TimeSpan.FromHours(1)) };

    [Theory]
    [InlineData("sound", true)]
    [InlineData("id", false)]
    [InlineData("epoch", false)]
    [InlineData("cidr", false)]
    [InlineData("no cidr", false)]
    [InlineData("no term", false)]
    [InlineData("no length", false)]
    [InlineData("backwards", false)]
    [InlineData("for ever", false)]
    public void A_confirmation_counts_only_for_the_lease_that_was_confirmed(string answer, bool counts)
    {
        var lease = Sound;
        if (answer is "id") lease.Id = "east-2";
        if (answer is "epoch") lease.Epoch = 8;
        if (answer is "cidr") lease.Cidr = "10.0.0.64/26";
        if (answer is "no cidr") lease.Cidr = "everything";
        if (answer is "no term") lease.Term = null;
        if (answer is "no length") lease.Term = new();
        if (answer is "backwards") lease.Term = new() { Seconds = -5 };
        if (answer is "for ever") lease.Term = new() { Seconds = long.MaxValue };

        Assert.Equal(counts, HubAnswers.IsOf(lease, Grant));
    }

    [Theory]
    [InlineData(null, 30)]
    [InlineData(0L, 30)]
    [InlineData(-5L, 30)]
    [InlineData(long.MaxValue, 30)]
    [InlineData(86_400L, 30)]
    [InlineData(5L, 5)]
    public void The_hub_is_told_as_often_as_makes_sense(long? seconds, int expected)
    {
        var answer = new RegisterResponse { HeartbeatInterval = seconds is { } said ? new Duration { Seconds = said } : null };

        Assert.Equal(TimeSpan.FromSeconds(expected), HubAnswers.Interval(answer));
    }

    [Fact]
    public void An_outcome_about_something_else_is_ignored()
    {
        var request = new RenewLeasesRequest { Leases = { new LeaseRenewal { LeaseId = "east-1", Epoch = 7, Held = new() { Cidr = "10.0.0.0/26" } } } };
        Lease[] wrong = [new(Sound) { Id = "east-2" }, new(Sound) { Cidr = "10.0.0.64/26" }, new(Sound) { Epoch = 6 }, new(Sound) { Term = null }];

        foreach (var lease in wrong) Assert.Empty(LeaseReport.Heard(request, new() { Outcomes = { new RenewalOutcome { LeaseId = "east-1", Lease = lease } } }, Now));
        Assert.Empty(LeaseReport.Heard(request, new() { Outcomes = { new RenewalOutcome { LeaseId = "east-1" }, new RenewalOutcome { LeaseId = "nobody's", Lease = Sound } } }, Now));
        Assert.Empty(LeaseReport.Heard(request, new() { Outcomes = { new RenewalOutcome { LeaseId = "east-1", Error = (ErrorReason)999, Lease = Sound } } }, Now));
        Assert.Single(LeaseReport.Heard(request, new() { Outcomes = { new RenewalOutcome { LeaseId = "east-1", Lease = Sound } } }, Now));
    }

    [Theory]
    [InlineData(ErrorReason.LeaseNotFound, Reasons.LeaseNotFound)]
    [InlineData(ErrorReason.StaleEpoch, Reasons.StaleEpoch)]
    [InlineData(ErrorReason.LeaseNotActive, Reasons.LeaseNotActive)]
    [InlineData(ErrorReason.BlockContested, Reasons.LeaseConflict)]
    [InlineData(ErrorReason.PoolNotFound, null)]
    [InlineData(ErrorReason.HubRecovering, null)]
    [InlineData(ErrorReason.InvalidRequest, null)]
    public void A_refusal_freezes_the_block_or_leaves_it_as_it_is(ErrorReason error, string? frozen)
    {
        var request = new RenewLeasesRequest { Leases = { new LeaseRenewal { LeaseId = "east-1", Epoch = 7 } } };

        var heard = LeaseReport.Heard(request, new() { Outcomes = { new RenewalOutcome { LeaseId = "east-1", Error = error } } }, Now).ToList();

        Assert.Equal(frozen, heard.SingleOrDefault().News?.Frozen);
    }

    [Theory]
    [InlineData("name", "Not A Label")]
    [InlineData("cidr", "10.0.0.1/8")]
    [InlineData("cidr", "")]
    [InlineData("reservation", "everything")]
    [InlineData("reservation", "192.168.0.0/24")]
    [InlineData("label", "no label/at/all")]
    public void A_pool_that_makes_no_sense_is_not_mirrored(string field, string value)
    {
        var pool = new Pool { Name = "prod", Uid = "uid", Cidr = "10.0.0.0/8" };
        if (field is "name") pool.Name = value;
        if (field is "cidr") pool.Cidr = value;
        if (field is "reservation") pool.Reservations.Add(value);
        if (field is "label") pool.Labels.Add(value, "x");

        Assert.Null(HubAnswers.Mirror(pool));
    }

    [Fact]
    public void What_a_pool_lacks_or_exaggerates_is_left_out()
    {
        var mirror = HubAnswers.Mirror(new()
        {
            Name = "prod",
            Cidr = "10.0.0.0/8",
            Allocation = new() { Strategy = (AllocationStrategy)77, MinPrefixLength = 4, MaxPrefixLength = 99, DefaultPrefixLength = 24, ReuseDelay = new() { Seconds = -1 } },
            Capacity = new() { Total = "many", Available = "5" },
            UtilizationPercent = double.NaN,
        })!;

        Assert.Equal((PlacementStrategy.FirstFit, null, null, 24, null), (mirror.Spec.Allocation!.Strategy, mirror.Spec.Allocation.MinPrefixLength, mirror.Spec.Allocation.MaxPrefixLength, mirror.Spec.Allocation.DefaultPrefixLength, mirror.Spec.Allocation.ReuseDelaySeconds));
        Assert.Equal(("0", "5", 0), (mirror.Status!.Capacity!.Total, mirror.Status.Capacity.Available, mirror.Status.UtilizationPercent));
    }

    [Fact]
    public void No_message_whatever_its_bytes_throws()
    {
        var random = new Random(1);
        var request = new RenewLeasesRequest { Leases = { new LeaseRenewal { LeaseId = "east-1", Epoch = 7 } } };
        for (var i = 0; i < 20_000; i++)
        {
            if (TryParse(Pool.Parser, random, new Pool { Name = "prod", Cidr = "10.0.0.0/8", Allocation = new(), Leasing = new(), Capacity = new() { Total = "5" }, Reservations = { "10.0.0.0/24" } }) is { } pool) HubAnswers.Mirror(pool);
            if (TryParse(Lease.Parser, random, Sound) is { } lease) HubAnswers.IsOf(lease, Grant);
            if (TryParse(RegisterResponse.Parser, random, new RegisterResponse { HeartbeatInterval = new() { Seconds = 30 } }) is { } registered) HubAnswers.Interval(registered);
            if (TryParse(RenewLeasesResponse.Parser, random, new RenewLeasesResponse { Outcomes = { new RenewalOutcome { LeaseId = "east-1", Lease = Sound } } }) is { } renewed) _ = LeaseReport.Heard(request, renewed, Now).ToList();
        }
    }

    /// <summary>The message with a few of its bytes changed, if that can be read at all.</summary>
    static T? TryParse<T>(MessageParser<T> parser, Random random, T message) where T : class, IMessage<T>
    {
        var bytes = message.ToByteArray();
        for (var i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
