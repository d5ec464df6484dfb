using System.Collections.Immutable;
using Federation.Domain.Addressing;
using Federation.Proto.V1;
using Federation.Resources;
using PoolPhase = Federation.Resources.PoolPhase;

namespace Federation.Edge;

/// <summary>What a hub says, looked at like anything from outside: what makes no sense is not acted upon.</summary>
static class HubAnswers
{
    const int ReservationsMax = 1_024;

    /// <summary>Ten years.</summary>
    static readonly TimeSpan TermMax = TimeSpan.FromDays(3650);

    static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(30);

    /// <summary>How often the hub wants to hear; the usual when it says nothing of use.</summary>
    public static TimeSpan Interval(RegisterResponse answer) =>
        TimeOf(answer.HeartbeatInterval) is { } said && said >= TimeSpan.FromSeconds(1) && said <= TimeSpan.FromMinutes(10) ? said : UsualInterval;

    /// <summary>How long a lease lasts; null when the answer does not say, or not so that it can be.</summary>
    public static TimeSpan? TermOf(Proto.V1.Lease lease) => TimeOf(lease.Term) is { } term && term > TimeSpan.Zero && term <= TermMax ? term : null;

    /// <summary>When it is over by the hub's calendar; null when it does not say.</summary>
    public static DateTimeOffset? ExpiryOf(Proto.V1.Lease lease) =>
        lease.ExpiresAt is { Seconds: >= -62_135_596_800 and <= 253_402_300_799 } at ? DateTimeOffset.FromUnixTimeSeconds(at.Seconds) : null;

    /// <summary>Whether an answer is about the lease that was asked about, as this site has it.</summary>
    public static bool IsOf(Proto.V1.Lease lease, LeaseGrant grant) =>
        lease.Id == grant.Id && lease.Epoch == grant.Epoch && Cidr.TryParse(lease.Cidr, out var block) && block == grant.Cidr && TermOf(lease) is not null;

    /// <summary>A root pool of the hub's as a mirror of it; null when it makes no sense.</summary>
    public static IPPool? Mirror(Pool offered)
    {
        if (!LabelSyntax.IsDnsLabel(offered.Name) || !Cidr.TryParse(offered.Cidr, out var block) || offered.Reservations.Count > ReservationsMax) return null;
        List<Cidr> reservations = [];
        foreach (var text in offered.Reservations)
        {
            if (!Cidr.TryParse(text, out var reserved) || !block.Contains(reserved)) return null;
            reservations.Add(reserved);
        }

        if (offered.Labels.Any(static label => !LabelSyntax.IsKey(label.Key) || !LabelSyntax.IsValue(label.Value))) return null;
        var (allocation, leasing) = (offered.Allocation ?? new(), offered.Leasing ?? new());
        return new()
        {
            Metadata = new()
            {
                Name = offered.Name,
                Labels = offered.Labels.Count == 0 ? null : offered.Labels.ToImmutableSortedDictionary(),
                Annotations = ImmutableSortedDictionary<string, string>.Empty.Add(EdgeNames.MirroredAnnotation, offered.Uid),
            },
            Spec = new()
            {
                Cidr = block,
                Allocation = Rules(allocation, block),
                Reservations = reservations.Count == 0 ? null : reservations,
                Leasing = new()
                {
                    Enabled = leasing.Enabled,
                    MinPrefixLength = Length(leasing.HasMinPrefixLength, leasing.MinPrefixLength, block),
                    MaxPrefixLength = Length(leasing.HasMaxPrefixLength, leasing.MaxPrefixLength, block),
                    DefaultPrefixLength = Length(leasing.HasDefaultPrefixLength, leasing.DefaultPrefixLength, block),
                    MaxLeasesPerEdge = leasing is { HasMaxLeasesPerEdge: true, MaxLeasesPerEdge: >= 0 and <= 1_000_000 } ? leasing.MaxLeasesPerEdge : null,
                },
            },
            Status = Status(offered, block),
        };
    }

    static AllocationRules Rules(AllocationSettings said, Cidr block) => new()
    {
        Strategy = Enum.IsDefined((PlacementStrategy)(int)said.Strategy) && said.Strategy is not AllocationStrategy.Unspecified ? (PlacementStrategy)(int)said.Strategy : PlacementStrategy.FirstFit,
        MinPrefixLength = Length(said.HasMinPrefixLength, said.MinPrefixLength, block),
        MaxPrefixLength = Length(said.HasMaxPrefixLength, said.MaxPrefixLength, block),
        DefaultPrefixLength = Length(said.HasDefaultPrefixLength, said.DefaultPrefixLength, block),
        ReuseDelaySeconds = said.ReuseDelay is { Seconds: >= 0 and <= 31_536_000 } delay ? delay.Seconds : null,
    };

    static IPPoolStatus Status(Pool offered, Cidr block) => new()
    {
        Phase = Enum.IsDefined((PoolPhase)(int)offered.Phase) && offered.Phase is not Proto.V1.PoolPhase.Unspecified ? (PoolPhase)(int)offered.Phase : PoolPhase.Pending,
        AllocatedCIDR = block,
        IpFamily = block.Family,
        Capacity = new() { Total = Count(offered.Capacity?.Total), Allocated = Count(offered.Capacity?.Allocated), Leased = Count(offered.Capacity?.Leased), Available = Count(offered.Capacity?.Available) },
        UtilizationPercent = double.IsFinite(offered.UtilizationPercent) ? Math.Clamp(offered.UtilizationPercent, 0, 100) : 0,
        LargestFreePrefixLength = Length(offered.HasLargestFreePrefixLength, offered.LargestFreePrefixLength, block),
    };

    static int? Length(bool isSaid, int length, Cidr block) => isSaid && length >= block.Length && length <= block.Width ? length : null;

    static string Count(string? text) => AddressCount.TryParse(text, out var count) ? count.ToString() : "0";

    static TimeSpan? TimeOf(Google.Protobuf.WellKnownTypes.Duration? said) =>
        said is { Seconds: >= 0 and <= 400_000_000, Nanos: >= 0 and <= 999_999_999 } ? said.ToTimeSpan() : null;
}
