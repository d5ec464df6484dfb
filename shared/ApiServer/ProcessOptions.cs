using Microsoft.Extensions.Configuration;

namespace Federation.ApiServer;

/// <summary>An option of a process, as the reference tells it.</summary>
/// <param name="Value">What its value is, and its range.</param>
/// <param name="Preset">What holds when it is not given; "required" for what must be.</param>
/// <param name="IsFlag">Whether it is given without a value.</param>
public sealed record OptionSpec(string Name, string Value, string Preset, string Meaning, bool IsFlag = false)
{
    /// <summary>The environment variable that gives it too.</summary>
    public string Variable(string prefix) => prefix + Name.Replace('-', '_').ToUpperInvariant();
}

/// <summary>Options from the command line, and from the environment where the command line says nothing.</summary>
public static class ProcessOptions
{
    /// <summary>What was given, by name; a flag is "true". Or the first argument that is no option.</summary>
    public static (IConfiguration Given, string? Unknown) Read(string prefix, IReadOnlyList<OptionSpec> options, IReadOnlyList<string> args)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var given = options.Select(option => KeyValuePair.Create(option.Name, environment[option.Variable(prefix)])).Where(static pair => pair.Value is not null).ToDictionary();
        var unknown = Take(options, args, given);
        return (new ConfigurationBuilder().AddInMemoryCollection(given).Build(), unknown);
    }

    /// <summary><c>--name value</c> and <c>--name=value</c>. Answers the first argument that is no option.</summary>
    static string? Take(IReadOnlyList<OptionSpec> options, IReadOnlyList<string> args, Dictionary<string, string?> given)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i].Split('=')[0];
            if (!name.StartsWith("--", StringComparison.Ordinal) || options.FirstOrDefault(option => option.Name == name[2..]) is not { } option) return name;
            if (args[i].Length > name.Length) given[option.Name] = args[i][(name.Length + 1)..];
            else if (option.IsFlag) given[option.Name] = "true";
            else if (i + 1 < args.Count) given[option.Name] = args[++i];
        }

        return null;
    }
}
