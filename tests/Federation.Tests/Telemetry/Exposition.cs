using System.Globalization;
using System.Text.RegularExpressions;

namespace Federation.Tests.Telemetry;

/// <summary>A page of metrics, read as strictly as Prometheus reads it: every line must be understood.</summary>
sealed partial class Exposition
{
    readonly Dictionary<string, string> types = new(StringComparer.Ordinal);
    readonly List<Sample> samples = [];

    public IReadOnlyDictionary<string, string> Types => types;

    public IReadOnlyList<Sample> Samples => samples;

    public static Exposition Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var page = new Exposition();
        foreach (var line in text.Split('\n')[..^1]) page.Take(line);
        Assert.Equal(page.samples.Count, page.samples.Select(static sample => $"{sample.Name}{string.Join(',', sample.Labels)}").Distinct().Count());
        return page;
    }

    /// <summary>The sum of a metric's samples with these labels; 0 when there are none.</summary>
    public double Sum(string name, params (string Name, string Value)[] labels) => samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value))
        .Sum(static sample => sample.Value);

    void Take(string line)
    {
        if (Help().IsMatch(line)) return;
        if (Type().Match(line) is { Success: true } type)
        {
            Assert.True(types.TryAdd(type.Groups[1].Value, type.Groups[2].Value), $"declared twice: {line}");
            return;
        }

        var match = Value().Match(line);
        Assert.True(match.Success, $"not a line of the format: {line}");
        var name = match.Groups[1].Value;
        var metric = types.ContainsKey(name) ? name : Suffix().Replace(name, "");
        Assert.True(types.ContainsKey(metric), $"a sample without a type: {line}");
        var labels = Label().Matches(match.Groups[2].Value).ToDictionary(static label => label.Groups[1].Value, static label => label.Groups[2].Value, StringComparer.Ordinal);
        samples.Add(new(metric, name, labels, match.Groups[3].Value is "+Inf" ? double.PositiveInfinity : double.Parse(match.Groups[3].Value, NumberStyles.Float, CultureInfo.InvariantCulture)));
    }

    [GeneratedRegex(@"^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* [^\n]*$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$""")]
    private static partial Regex Value();

    [GeneratedRegex("""([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"[,}]""")]
    private static partial Regex Label();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}

/// <param name="Metric">The metric the sample belongs to; a histogram's has several names of its own.</param>
sealed record Sample(string Metric, string Name, IReadOnlyDictionary<string, string> Labels, double Value);
