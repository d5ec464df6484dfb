using Federation.Domain.Addressing;

namespace Federation.Domain.Leases;

/// <summary>
/// Which block a claim of an edge was last lent, so that it can get the same one again. A preference, not a promise: the
/// oldest are forgotten when there are many, and all but those of living leases when the hub starts.
/// </summary>
sealed class StickyBlocks(int most)
{
    readonly Dictionary<Claimant, (Cidr Block, long Turn)> last = [];
    readonly Queue<(Claimant Claimant, long Turn)> turns = [];
    long turn;

    /// <summary>Who asks, of which pool.</summary>
    public readonly record struct Claimant(string Pool, string Edge, string Key);

    public Cidr? Find(Claimant claimant) => last.TryGetValue(claimant, out var found) ? found.Block : null;

    public void Remember(Claimant claimant, Cidr block)
    {
        if (Find(claimant) == block) return;
        last[claimant] = (block, ++turn);
        turns.Enqueue((claimant, turn));
        while (turns.Count > most) Forget(turns.Dequeue());
    }

    /// <summary>A claimant that was lent another block since stays.</summary>
    void Forget((Claimant Claimant, long Turn) oldest)
    {
        if (last[oldest.Claimant].Turn == oldest.Turn) last.Remove(oldest.Claimant);
    }
}
