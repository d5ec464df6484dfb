using System.Globalization;
using Federation.Simulation;
using Microsoft.Extensions.Configuration;

var mutants = args.Contains("--mutants");
var given = new ConfigurationBuilder().AddCommandLine([.. args.Where(static argument => argument != "--mutants")]).Build();
if (mutants)
{
    var root = Directory.GetCurrentDirectory();
    var chosen = Mutant.ReadAll(root).Where(mutant => given["name"] is not { } name || name.Split(',').Contains(mutant.Name)).ToList();
    var copy = Path.Combine(Path.GetTempPath(), "federation-mutants");
    return await new MutantRun(root, copy, given["seeds"] ?? "60", given["minutes"] ?? "40").RunAsync(chosen) == 0 ? 0 : 1;
}

var run = new SeedRun
{
    Only = given["only"]?.Split(',').Select(static text => int.Parse(text, CultureInfo.InvariantCulture)).ToHashSet(),
    Tell = given["tell"] is "true",
    About = given["about"],
    Trouble = given["minutes"] is { } minutes ? TimeSpan.FromMinutes(int.Parse(minutes, NumberStyles.None, CultureInfo.InvariantCulture)) : WorldPlan.UsualTrouble,
    Shrink = given["shrink"] is "true",
    Stop = given["stop"] is "true",
};
return run.Run(Number("seed"), Number("seeds")) == 0 ? 0 : 1;

int Number(string name) => int.Parse(given[name] ?? "1", NumberStyles.None, CultureInfo.InvariantCulture);
