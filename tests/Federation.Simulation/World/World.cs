namespace Federation.Simulation;

/// <summary>What came of a world.</summary>
/// <param name="Wrong">The first broken guarantee; null when all held.</param>
readonly record struct Outcome(string? Wrong, long Steps, TimeSpan Simulated, long Looks, string Busiest);

/// <summary>
/// One world from its plan to its end. First trouble: at every commit all guarantees of safety hold. Then the faults stop,
/// and all must settle within a bound; and when everybody has gone home, no space is left behind.
/// </summary>
static class World
{
    static readonly TimeSpan SettleWithin = TimeSpan.FromMinutes(40);
    static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>A world that takes more is one that spins.</summary>
    const long StepsMax = 30_000_000;

    /// <param name="about">Every write that has something to do with this is told.</param>
    public static Outcome Run(WorldPlan plan, Action<string>? tell = null, string? about = null)
    {
        var fleet = new Fleet(plan, about is null ? null : (about, tell ?? Console.WriteLine));
        var people = new People(fleet);
        var troubles = new Troubles(fleet, people);
        var wrong = Live(fleet, people, troubles, tell);
        fleet.KillAll();
        return new(wrong, fleet.Scheduler.Steps, fleet.Scheduler.Now, fleet.Safety.Looks, fleet.Safety.Busiest);
    }

    static string? Live(Fleet fleet, People people, Troubles troubles, Action<string>? tell)
    {
        fleet.StartAll();
        people.MakeRoot();
        foreach (var happening in fleet.Plan.Happenings)
        {
            fleet.Scheduler.At(happening.At, () =>
            {
                tell?.Invoke(happening.ToString());
                troubles.Do(happening);
            });
        }

        Beat(fleet, TimeSpan.FromSeconds(30), people.ConfirmRevocations);
        Beat(fleet, TimeSpan.FromSeconds(30), people.AcceptRestore);
        if (Pass(fleet, fleet.Plan.Trouble) is { } broken) return broken;
        Mend(fleet, people);
        tell?.Invoke($"{fleet.Scheduler.Now:hh\\:mm\\:ss} all is mended");
        if (Settle(fleet, Settled.Unanswered) is { } unsettled) return unsettled;
        tell?.Invoke($"{fleet.Scheduler.Now:hh\\:mm\\:ss} all is settled");
        people.WithdrawEverything();
        return Settle(fleet, Settled.LeftBehind);
    }

    static string? Pass(Fleet fleet, TimeSpan span)
    {
        fleet.Scheduler.RunUntil(fleet.Scheduler.Now + span, () => fleet.Safety.Violation is not null || fleet.Scheduler.Steps > StepsMax);
        return fleet.Safety.Violation ?? (fleet.Scheduler.Steps > StepsMax ? "the world spins: too many steps" : null);
    }

    /// <summary>Faults stop, each site has one agent, and admins take their orders back.</summary>
    static void Mend(Fleet fleet, People people)
    {
        foreach (var site in fleet.Sites)
        {
            foreach (var wire in new[] { site.HubWire, site.ApiWire }) (wire.IsCutThere, wire.IsCutBack, wire.Loss, wire.Doubling, wire.DelayMax) = (false, false, 0, 0, TimeSpan.FromMilliseconds(20));
            site.Cluster.Disk.FailureRate = 0;
            foreach (var agent in site.Agents) agent.Process?.Resume();
            foreach (var rival in site.Agents.Skip(1)) rival.Retire();
            site.Agents.RemoveRange(1, site.Agents.Count - 1);
        }

        fleet.Hub.Disk.FailureRate = 0;
        fleet.Hub.Process?.Resume();
        fleet.StartAll();
        fleet.Scheduler.After(TimeSpan.FromSeconds(1), () =>
        {
            people.MakeRoot();
            people.Unreserve();
            foreach (var site in fleet.Sites)
            {
                people.Order(site, "cordoned", isOn: false);
                people.Order(site, "draining", isOn: false);
            }
        });
    }

    static string? Settle(Fleet fleet, Func<Fleet, string?> unsettled)
    {
        for (var end = fleet.Scheduler.Now + SettleWithin; fleet.Scheduler.Now < end;)
        {
            if (Pass(fleet, Look) is { } broken) return broken;
            if (unsettled(fleet) is null) return null;
        }

        return $"at {fleet.Scheduler.Now:hh\\:mm\\:ss}, long after the last fault: {unsettled(fleet)}";
    }

    static void Beat(Fleet fleet, TimeSpan every, Action act) => fleet.Scheduler.After(every, () =>
    {
        act();
        Beat(fleet, every, act);
    });
}
