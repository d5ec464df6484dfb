using System.Globalization;

namespace Federation.E2E;

/// <summary>What to run, and against what.</summary>
sealed record RunOptions
{
    public const string Usage = "usage: federation-e2e --topology hub,edge,edge-kube,hub-aggregated [--filter TEXT] [--suite core,leases,kubectl,status,cluster] [--at-once TOPOLOGIES]";

    /// <summary>There are no more topologies.</summary>
    const int AtOnceMax = 4;

    public required IReadOnlyList<string> Topologies { get; init; }

    /// <summary>Only cases whose id or title contains this.</summary>
    public string Filter { get; init; } = "";

    public IReadOnlyList<E2ECase> Cases { get; init; } = [.. CaseCatalog.Suites.Values.SelectMany(static cases => cases)];

    /// <summary>Topologies that run side by side; cases mostly wait.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>The options, or what is wrong with the arguments.</summary>
    public static (RunOptions? Options, string? Error) Read(string[] args)
    {
        var options = new RunOptions { Topologies = Topology.Names };
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length) return (null, $"{args[i]} needs a value\n{Usage}");
            switch (args[i], args[i + 1])
            {
                case ("--topology", var names):
                    options = options with { Topologies = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) };
                    break;
                case ("--filter", var text):
                    options = options with { Filter = text };
                    break;
                case ("--suite", var names):
                    var suites = names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    if (suites.FirstOrDefault(static name => !CaseCatalog.Suites.ContainsKey(name)) is { } absent) return (null, $"there is no suite '{absent}'\n{Usage}");
                    options = options with { Cases = [.. suites.SelectMany(static name => CaseCatalog.Suites[name])] };
                    break;
                case ("--at-once", var text):
                    if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > AtOnceMax) return (null, $"--at-once: '{text}' is not a number from 1 to {AtOnceMax}\n{Usage}");
                    options = options with { AtOnce = count };
                    break;
                case (var unknown, _):
                    return (null, $"unknown argument '{unknown}'\n{Usage}");
            }
        }

        return options.Topologies.FirstOrDefault(static name => !Topology.Names.Contains(name)) is { } missing
            ? (null, $"there is no topology '{missing}'\n{Usage}")
            : (options, null);
    }
}
