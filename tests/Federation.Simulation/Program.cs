using System.Globalization;
using Federation.Simulation;
using Microsoft.Extensions.Configuration;

var given = new ConfigurationBuilder().AddCommandLine(args).Build();
var first = int.Parse(given["seed"] ?? "1", NumberStyles.None, CultureInfo.InvariantCulture);
var count = int.Parse(given["seeds"] ?? "1", NumberStyles.None, CultureInfo.InvariantCulture);
var (steps, lost, kept, violations) = (0L, 0, 0, 0);
for (var seed = first; seed < first + count; seed++)
{
    var random = new Random(seed);
    await using var disk = new SimulatedDisk(random, crashRate: random.NextDouble() * 0.2);
    var world = new HubWorld(random, disk);
    if (world.Run(lives: 8, rounds: 20) is { } wrong)
    {
        violations++;
        Console.WriteLine($"seed {seed}: {wrong}\n  dotnet run --project tests/Federation.Simulation -- --seed {seed}");
    }

    (steps, lost, kept) = (steps + world.Steps, lost + disk.LostCommits, kept + disk.KeptCommits);
}

Console.WriteLine($"{count} seeds, {steps} steps, {lost} crashes before a commit, {kept} after one, {violations} violations");
return violations == 0 ? 0 : 1;
