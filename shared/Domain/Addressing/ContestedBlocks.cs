namespace Federation.Domain.Addressing;

/// <summary>
/// Blocks of one pool's space that somebody says to hold although another holder is in the way. As long as that is so no
/// part of them is free: what nobody holds is held for the contest. Derived, so that any change of the holders may come
/// between <see cref="Lift"/> and <see cref="Lay()"/>.
/// </summary>
public sealed class ContestedBlocks(PoolSpace space)
{
    readonly SortedDictionary<string, Cidr> claims = new(StringComparer.Ordinal);
    readonly List<Cidr> laid = [];

    public int Count => claims.Count;

    /// <summary>Notes a claim to a block, by its owner.</summary>
    public void Add(string owner, Cidr block) => claims.Add(owner, block);

    public void Remove(string owner) => Invariant.Holds(claims.Remove(owner));

    /// <summary>The first owner, by name and but for one, of a contested block that overlaps.</summary>
    public string? FindClaim(Cidr block, string? except)
    {
        foreach (var (owner, claimed) in claims)
        {
            if (owner != except && claimed.Overlaps(block)) return owner;
        }

        return null;
    }

    /// <summary>Whether any part of a block is held, contests aside.</summary>
    public static bool IsInTheWay(PoolSpace space, Cidr block) => space.Held(block).Any(static held => held.Holder != Holder.Contested);

    /// <summary>Takes back all that is held for the contests.</summary>
    public void Lift()
    {
        foreach (var block in laid) Invariant.Holds(space.Release(block, Holder.Contested));
        laid.Clear();
    }

    /// <summary>Holds whatever is free in contested blocks.</summary>
    public void Lay()
    {
        foreach (var block in claims.Values.Order()) Lay(block);
    }

    void Lay(Cidr block)
    {
        if (space.TryHold(block, Holder.Contested))
        {
            laid.Add(block);
            return;
        }

        if (block.Length == block.Width || space.FindConflict(block) is not var (taken, _) || taken.Contains(block)) return;
        Lay(block.LowerHalf);
        Lay(block.UpperHalf);
    }
}
