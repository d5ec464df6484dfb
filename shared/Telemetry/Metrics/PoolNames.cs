namespace Federation.Telemetry;

/// <summary>
/// Which pools have a label of their own: those that came first, up to a limit. All others share one, so that the number
/// of series does not grow with the number of pools. A pool that is gone makes room.
/// </summary>
public sealed class PoolNames(int most)
{
    public const string Other = "_other";

    readonly Lock gate = new();
    readonly HashSet<string> named = new(StringComparer.Ordinal);

    public string Of(string pool)
    {
        lock (gate) return named.Contains(pool) || (named.Count < most && named.Add(pool)) ? pool : Other;
    }

    /// <summary>Forgets all pools but these.</summary>
    public void Keep(IReadOnlySet<string> existing)
    {
        lock (gate) named.RemoveWhere(name => !existing.Contains(name));
    }
}
