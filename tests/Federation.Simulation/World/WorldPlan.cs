using Federation.Domain.Addressing;
using Federation.Domain.Leases;

namespace Federation.Simulation;

/// <summary>Everything about a world that is decided before it begins, drawn from its seed.</summary>
sealed record WorldPlan
{
    /// <summary>For so long things happen, unless another time is asked for.</summary>
    public static readonly TimeSpan UsualTrouble = TimeSpan.FromMinutes(8);

    /// <summary>People do more than befalls machines.</summary>
    static readonly (Deed Deed, int Weight)[] Weights =
    [
        (Deed.FileClaim, 30), (Deed.WithdrawClaim, 20), (Deed.FilePoolClaim, 2), (Deed.WithdrawPoolClaim, 3), (Deed.HubClaim, 8), (Deed.HubWithdraw, 6), (Deed.Reserve, 1), (Deed.Unreserve, 1),
        (Deed.Cordon, 1), (Deed.Uncordon, 2), (Deed.Drain, 1), (Deed.Undrain, 2), (Deed.Revoke, 2), (Deed.DeleteLease, 1), (Deed.DeleteAllocation, 1),
        (Deed.KillHub, 3), (Deed.KillApi, 2), (Deed.KillAgent, 5), (Deed.PauseHub, 1), (Deed.PauseAgent, 2), (Deed.RebootEdge, 1),
        (Deed.CutThere, 2), (Deed.CutBack, 2), (Deed.CutBoth, 3), (Deed.SlowLine, 2), (Deed.LoseSome, 2), (Deed.DoubleSome, 2), (Deed.DiskTrouble, 1),
        (Deed.JumpHubClock, 1), (Deed.JumpEdgeClock, 1),
    ];

    public required int Seed { get; init; }

    public required TimeSpan Trouble { get; init; }

    public required int Sites { get; init; }

    /// <summary>Agents of one site that work at the same time, each as if it were alone.</summary>
    public required int Leaders { get; init; }

    /// <summary>Whether another site believes to be the first edge.</summary>
    public required bool HasTwin { get; init; }

    public required LeaseTerms Terms { get; init; }

    public required double HubRate { get; init; }

    public required IReadOnlyList<double> EdgeRates { get; init; }

    public required double WatchesTooOld { get; init; }

    /// <summary>All that there is to hand out: some worlds are cramped.</summary>
    public required Cidr Root { get; init; }

    public required IReadOnlyList<Happening> Happenings { get; init; }

    /// <param name="trouble">For how long things happen: a shorter world begins as the longer one does.</param>
    public static WorldPlan Draw(int seed, TimeSpan trouble)
    {
        var random = new Random(seed);
        var sites = random.Next(1, 4);
        return new()
        {
            Seed = seed,
            Trouble = trouble,
            Sites = sites,
            Leaders = random.Next(4) == 0 ? 2 : 1,
            HasTwin = seed % 5 == 0,
            Terms = new() { Term = TimeSpan.FromMinutes(random.Next(4, 12)), OfferGrace = TimeSpan.FromMinutes(2), SilenceGrace = TimeSpan.FromMinutes(3) },
            HubRate = Rate(random),
            EdgeRates = [.. Enumerable.Range(0, sites + 1).Select(_ => Rate(random))],
            WatchesTooOld = random.Next(3) == 0 ? 0.01 : 0,
            Root = Cidr.Parse($"10.0.0.0/{random.Next(22, 26)}", null),
            Happenings = [.. Happen(random, seed % 5 == 0 ? sites + 1 : sites, trouble), .. Restore(seed, trouble)],
        };
    }

    /// <summary>A hub that lost its last minutes has leases on record that were given back since.</summary>
    public bool IsRestored => Happenings.Any(static happening => happening.Deed is Deed.RestoreHub);

    static double Rate(Random random) => random.Next(2) == 0 ? 1 : 0.9 + random.NextDouble() * 0.2;

    /// <summary>
    /// Some hubs lose their last minutes. Not where two sites have one name: which of both spoke for it since the backup, no
    /// hub can find out, and an admin has to.
    /// </summary>
    static IEnumerable<Happening> Restore(int seed, TimeSpan trouble)
    {
        var random = new Random(seed ^ 0xBACC);
        if (seed % 4 != 3 || seed % 5 == 0) return [];
        var backup = trouble * (0.1 + random.NextDouble() * 0.4);
        var restore = backup + (trouble * 0.9 - backup) * random.NextDouble();
        return
        [
            new(10_000, backup, Deed.BackUpHub, 0, 0, TimeSpan.Zero),
            new(10_001, restore, Deed.RestoreHub, 0, 0, TimeSpan.FromSeconds(random.Next(1, 400))),
        ];
    }

    static List<Happening> Happen(Random random, int sites, TimeSpan trouble)
    {
        var total = Weights.Sum(static entry => entry.Weight);
        List<Happening> made = [];
        var at = TimeSpan.FromSeconds(5);
        while (at < trouble)
        {
            var pick = random.Next(total);
            var deed = Weights.First(entry => (pick -= entry.Weight) < 0).Deed;
            made.Add(new(made.Count, at, deed, random.Next(sites), random.NextDouble(), TimeSpan.FromSeconds(Math.Pow(random.NextDouble(), 3) * 900)));
            at += random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(200)) : TimeSpan.FromSeconds(random.NextDouble() * 25);
        }

        return made;
    }
}
