using System.Diagnostics;

namespace Federation.Simulation;

/// <summary>Runs worlds seed by seed, and tells of those that break a guarantee how to see it again.</summary>
sealed class SeedRun
{
    const string Command = "dotnet run --project tests/Federation.Simulation -- --seed";

    readonly Lock gate = new();
    readonly SortedDictionary<string, int> befell = new(StringComparer.Ordinal);
    long steps;
    long looks;
    TimeSpan simulated;
    int violations;

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

    /// <summary>For how long things happen in each world.</summary>
    public TimeSpan Trouble { get; init; } = WorldPlan.UsualTrouble;

    /// <summary>Answers how many worlds failed. Each world has one thread; several go on side by side.</summary>
    public int Run(int first, int count)
    {
        var (next, clock) = (first - 1, Stopwatch.StartNew());
        void Work()
        {
            while (Interlocked.Increment(ref next) is var seed && seed < first + count && !(Stop && violations > 0)) Run(seed, isAlone: count == 1);
        }

        var threads = Enumerable.Range(0, Math.Min(count, Environment.ProcessorCount)).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        Console.WriteLine(string.Join(", ", befell.Select(static entry => $"{entry.Key} {entry.Value}")));
        Console.WriteLine($"{count} seeds, {simulated.TotalHours:0.0} simulated hours, {looks} commits looked at, {steps} steps ({steps / clock.Elapsed.TotalSeconds:0}/s), {violations} violations");
        return violations;
    }

    void Run(int seed, bool isAlone)
    {
        var plan = WorldPlan.Draw(seed, Trouble);
        if (Only is { } kept) plan = plan with { Happenings = [.. plan.Happenings.Where(happening => kept.Contains(happening.Number))] };
        var outcome = World.Run(plan, Tell ? Console.WriteLine : null, About);
        lock (gate)
        {
            foreach (var happening in plan.Happenings) befell[happening.Deed.ToString()] = befell.GetValueOrDefault(happening.Deed.ToString()) + 1;
            (steps, looks, simulated) = (steps + outcome.Steps, looks + outcome.Looks, simulated + outcome.Simulated);
            if (isAlone) Console.WriteLine($"written most: {outcome.Busiest}");
            if (outcome.Wrong is not { } wrong) return;
            violations++;
            Report(plan, wrong);
        }
    }

    string CommandOf(WorldPlan plan) => Trouble == WorldPlan.UsualTrouble ? $"{Command} {plan.Seed}" : $"{Command} {plan.Seed} --minutes {Trouble.TotalMinutes:0}";

    void Report(WorldPlan plan, string wrong)
    {
        Console.WriteLine($"seed {plan.Seed}: {wrong}\n  {CommandOf(plan)}");
        if (!Shrink) return;
        var small = Shrinking.Shrink(plan);
        Console.WriteLine($"  {small.Happenings.Count} of {plan.Happenings.Count} happenings are enough: {World.Run(small).Wrong}");
        Console.WriteLine($"  {CommandOf(plan)} --tell true --only {string.Join(',', small.Happenings.Select(static happening => happening.Number))}");
    }
}
