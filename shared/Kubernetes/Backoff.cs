namespace Federation.Kubernetes;

/// <summary>How long to wait before the next try: doubled with every failure, up to a cap, spread by chance.</summary>
public sealed record Backoff
{
    const int DoublingsMax = 30;

    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>No delay is ever longer.</summary>
    public TimeSpan Cap { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The part of a delay by which it may be shorter or longer.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <param name="failures">How many there have been in a row, from 1.</param>
    /// <param name="draw">A number drawn from 0 to 1.</param>
    public TimeSpan Delay(int failures, double draw)
    {
        var doubled = Initial * Math.Pow(2, Math.Clamp(failures - 1, 0, DoublingsMax));
        var delay = (doubled < Cap ? doubled : Cap) * (1 + Jitter * (2 * draw - 1));
        return delay < Cap ? delay : Cap;
    }
}
