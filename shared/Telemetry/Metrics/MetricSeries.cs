namespace Federation.Telemetry;

/// <summary>The values of one metric under one set of labels. Safe from any thread.</summary>
abstract class MetricSeries(LabelSet labels)
{
    public IReadOnlyList<KeyValuePair<string, string>> Labels => labels.Labels;

    public abstract void Take(double value);
}

/// <summary>What has been added up, or the value last seen.</summary>
sealed class ValueSeries(LabelSet labels, bool adds) : MetricSeries(labels)
{
    double value;

    public double Value => Volatile.Read(ref value);

    public override void Take(double taken)
    {
        if (!adds)
        {
            Volatile.Write(ref value, taken);
            return;
        }

        double before;
        do before = Volatile.Read(ref value);
        while (Interlocked.CompareExchange(ref value, before + taken, before) != before);
    }
}

/// <summary>How often values fell between which limits, and their sum.</summary>
sealed class BucketSeries(LabelSet labels, IReadOnlyList<double> limits) : MetricSeries(labels)
{
    readonly Lock gate = new();
    readonly double[] limits = [.. limits];
    readonly long[] counts = new long[limits.Count + 1];
    double sum;

    public IReadOnlyList<double> Limits => limits;

    public override void Take(double value)
    {
        var at = Array.BinarySearch(limits, value);
        lock (gate)
        {
            counts[at < 0 ? ~at : at]++;
            sum += value;
        }
    }

    /// <summary>The count of each bucket, the one without a limit last, and the sum: all of one moment.</summary>
    public (IReadOnlyList<long> Counts, double Sum) Read()
    {
        lock (gate) return ([.. counts], sum);
    }
}
