using System.Diagnostics;

namespace Federation.Simulation;

/// <summary>Runs worlds seed by seed, and tells of those that break a guarantee how to see it again.</summary>
sealed class SeedRun
{
    const string Command = "dotnet run --project tests/Federation.Simulation -- --seed";

    /// <summary>Of all that is to happen, only these; null for everything.</summary>
    public IReadOnlySet<int>? Only { get; init; }

    /// <summary>Tells each thing that happens.</summary>
    public bool Tell { get; init; }

    /// <summary>Tells each write of an object that has this in its name or content; null for none.</summary>
    public string? About { get; init; }

    /// <summary>Looks for the few happenings a failing world needs.</summary>
    public bool Shrink { get; init; }

    /// <summary>Ends with the first failing world.</summary>
    public bool Stop { get; init; }

    /// <summary>Answers how many worlds failed.</summary>
    public int Run(int first, int count)
    {
        var (steps, looks, simulated, violations, clock) = (0L, 0L, TimeSpan.Zero, 0, Stopwatch.StartNew());
        SortedDictionary<string, int> befell = new(StringComparer.Ordinal);
        for (var seed = first; seed < first + count && !(Stop && violations > 0); seed++)
        {
            var plan = WorldPlan.Draw(seed);
            if (Only is { } kept) plan = plan with { Happenings = [.. plan.Happenings.Where(happening => kept.Contains(happening.Number))] };
            foreach (var happening in plan.Happenings) befell[happening.Deed.ToString()] = befell.GetValueOrDefault(happening.Deed.ToString()) + 1;
            var outcome = World.Run(plan, Tell ? Console.WriteLine : null, About);
            (steps, looks, simulated) = (steps + outcome.Steps, looks + outcome.Looks, simulated + outcome.Simulated);
            if (count == 1) Console.WriteLine($"written most: {outcome.Busiest}");
            if (outcome.Wrong is not { } wrong) continue;
            violations++;
            Report(plan, wrong);
        }

        Console.WriteLine(string.Join(", ", befell.Select(static entry => $"{entry.Key} {entry.Value}")));
        Console.WriteLine($"{count} seeds, {simulated.TotalHours:0.0} simulated hours, {looks} commits looked at, {steps} steps ({steps / clock.Elapsed.TotalSeconds:0}/s), {violations} violations");
        return violations;
    }

    void Report(WorldPlan plan, string wrong)
    {
        Console.WriteLine($"seed {plan.Seed}: {wrong}\n  {Command} {plan.Seed}");
        if (!Shrink) return;
        var small = Shrinking.Shrink(plan);
        Console.WriteLine($"  {small.Happenings.Count} of {plan.Happenings.Count} happenings are enough: {World.Run(small).Wrong}");
        Console.WriteLine($"  {Command} {plan.Seed} --tell true --only {string.Join(',', small.Happenings.Select(static happening => happening.Number))}");
    }
}
