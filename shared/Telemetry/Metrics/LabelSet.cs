using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Federation.Telemetry;

/// <summary>Labels as they were given with a measurement, in that order.</summary>
sealed class LabelSet(IReadOnlyList<KeyValuePair<string, string>> labels)
{
    public static readonly LabelSetComparer Comparer = new();

    /// <summary>Stands for every combination beyond the limit, as OpenTelemetry names it.</summary>
    public static readonly LabelSet Overflow = new([new("otel_metric_overflow", "true")]);

    public IReadOnlyList<KeyValuePair<string, string>> Labels => labels;

    internal static string Text(object? value) => value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Finds the labels of a measurement among those known without making anything: a measurement that was made before costs no memory.</summary>
sealed class LabelSetComparer : IEqualityComparer<LabelSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, LabelSet>
{
    public bool Equals(LabelSet? x, LabelSet? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.Labels.SequenceEqual(y.Labels));

    public int GetHashCode([DisallowNull] LabelSet obj)
    {
        var hash = new HashCode();
        foreach (var (name, value) in obj.Labels) Add(ref hash, name, value);
        return hash.ToHashCode();
    }

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, LabelSet other)
    {
        if (alternate.Length != other.Labels.Count) return false;
        for (var i = 0; i < alternate.Length; i++)
        {
            if (alternate[i].Key != other.Labels[i].Key || LabelSet.Text(alternate[i].Value) != other.Labels[i].Value) return false;
        }

        return true;
    }

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = new HashCode();
        foreach (var (name, value) in alternate) Add(ref hash, name, LabelSet.Text(value));
        return hash.ToHashCode();
    }

    public LabelSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var labels = new KeyValuePair<string, string>[alternate.Length];
        for (var i = 0; i < alternate.Length; i++) labels[i] = new(alternate[i].Key, LabelSet.Text(alternate[i].Value));
        return new(labels);
    }

    static void Add(ref HashCode hash, string name, string value)
    {
        hash.Add(name);
        hash.Add(value);
    }
}
