using System.Diagnostics;
using System.Globalization;
using Federation.Simulation;
using Microsoft.Extensions.Configuration;

var given = new ConfigurationBuilder().AddCommandLine(args).Build();
var first = Number("seed", 1);
var count = Number("seeds", 1);
var isOne = count == 1;
var (steps, looks, simulated, violations, clock) = (0L, 0L, TimeSpan.Zero, 0, Stopwatch.StartNew());
for (var seed = first; seed < first + count; seed++)
{
    var plan = WorldPlan.Draw(seed);
    if (given["only"] is { } only)
    {
        var kept = only.Split(',').Select(static text => int.Parse(text, CultureInfo.InvariantCulture)).ToHashSet();
        plan = plan with { Happenings = [.. plan.Happenings.Where(happening => kept.Contains(happening.Number))] };
    }

    var outcome = World.Run(plan, given["tell"] is "true" ? Console.WriteLine : null);
    (steps, looks, simulated) = (steps + outcome.Steps, looks + outcome.Looks, simulated + outcome.Simulated);
    if (isOne) Console.WriteLine($"seed {seed}: {outcome.Steps} steps, {outcome.Looks} commits");
    if (outcome.Wrong is null) continue;

    violations++;
    Console.WriteLine($"seed {seed}: {outcome.Wrong}\n  dotnet run --project tests/Federation.Simulation -- --seed {seed}");
    if (given["shrink"] is not "true") continue;
    var small = Shrinking.Shrink(plan);
    Console.WriteLine($"  {small.Happenings.Count} of {plan.Happenings.Count} happenings are enough: {World.Run(small).Wrong}");
    Console.WriteLine($"  dotnet run --project tests/Federation.Simulation -- --seed {seed} --tell true --only {string.Join(',', small.Happenings.Select(static happening => happening.Number))}");
}

Console.WriteLine($"{count} seeds, {simulated.TotalHours:0} simulated hours, {looks} commits looked at, {steps} steps ({steps / clock.Elapsed.TotalSeconds:0}/s), {violations} violations");
return violations == 0 ? 0 : 1;

int Number(string name, int otherwise) => given[name] is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
