using System.Numerics;
using Federation.Domain.Addressing;

namespace Federation.Tests.Domain;

/// <summary>A space as a plain list of what is taken: slow, and too simple to be wrong.</summary>
sealed class SpaceModel(Cidr root)
{
    readonly List<Cidr> taken = [];

    public IReadOnlyList<Cidr> Taken => taken;

    public bool Take(Cidr block)
    {
        if (block.Width != root.Width || block.Network < root.Network || block.Last > root.Last || taken.Any(other => Meet(other, block))) return false;
        taken.Add(block);
        return true;
    }

    public bool Free(Cidr block) => taken.Remove(block);

    public Cidr? Overlap(Cidr block) => taken.Where(other => Meet(other, block)).OrderBy(static other => other.Network).Select(static other => (Cidr?)other).FirstOrDefault();

    /// <summary>The largest free blocks in address order.</summary>
    public List<Cidr> Gaps() => [.. Gaps(root, taken)];

    /// <summary>The block a strategy would choose, by its definition.</summary>
    public Cidr? Choose(int length, PlacementStrategy strategy)
    {
        var fitting = Gaps().Where(gap => gap.Length <= length).ToList();
        if (fitting.Count == 0 || length > root.Width) return null;
        var gap = strategy switch
        {
            PlacementStrategy.BestFit => fitting.MaxBy(static gap => gap.Length),
            PlacementStrategy.Sparse => fitting.MinBy(static gap => gap.Length),
            _ => fitting[0],
        };
        return Cidr.Of(gap.Network, length, root.Width);
    }

    public BigInteger Count(int length) => length > root.Width
        ? 0
        : Gaps().Where(gap => gap.Length <= length).Aggregate(BigInteger.Zero, (sum, gap) => sum + BigInteger.Pow(2, length - gap.Length));

    public BigInteger TakenAddresses() => taken.Aggregate(BigInteger.Zero, static (sum, block) => sum + BigInteger.Pow(2, block.Width - block.Length));

    static bool Meet(Cidr a, Cidr b) => a.Network <= b.Last && b.Network <= a.Last;

    static IEnumerable<Cidr> Gaps(Cidr at, List<Cidr> taken)
    {
        var inside = taken.Where(block => Meet(block, at)).ToList();
        if (inside.Count == 0) return [at];
        return inside.Any(block => block.Length <= at.Length) ? [] : [.. Gaps(at.LowerHalf, inside), .. Gaps(at.UpperHalf, inside)];
    }
}
