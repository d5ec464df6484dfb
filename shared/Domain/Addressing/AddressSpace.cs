namespace Federation.Domain.Addressing;

/// <summary>
/// Which blocks of one root block are taken. Finding, taking, freeing and looking for overlap cost O(prefix length) at
/// most, however many blocks are taken. Not safe for concurrent use: each space has one writer.
/// </summary>
/// <remarks>
/// A buddy trie (<see cref="BuddyTrie"/>) says what is where; beside it the number of maximal free blocks is kept per
/// size, so that "how many /24 are left?" is one pass over the sizes.
/// </remarks>
public sealed class AddressSpace
{
    readonly BuddyTrie trie;
    AddressCount taken;

    public AddressSpace(Cidr root)
    {
        Invariant.Holds(!root.IsDefault);
        Root = root;
        trie = new(root);
    }

    public Cidr Root { get; }

    public AddressCount TakenCount => taken;

    public AddressCount FreeCount => Root.Count - taken;

    public int TakenBlocks { get; private set; }

    /// <summary>Length of the largest free block; null when nothing is free.</summary>
    public int? LargestFreePrefixLength => trie.LargestFreeOrder is { } order ? Root.Width - order : null;

    /// <summary>Where a block of this length would go. Changes nothing; false when there is no room or no such length here.</summary>
    public bool TryFind(int prefixLength, PlacementStrategy strategy, out Cidr block)
    {
        block = default;
        if (prefixLength < Root.Length || prefixLength > Root.Width) return false;
        if (!trie.TryFind(Root.Width - prefixLength, strategy, out var network)) return false;
        block = Cidr.Of(network, prefixLength, Root.Width);
        return true;
    }

    /// <summary>Takes exactly this block; false when it lies outside or any part of it is taken.</summary>
    public bool Reserve(Cidr block)
    {
        if (!IsFree(block)) return false;
        trie.Insert(block);
        taken += block.Count;
        TakenBlocks++;
        return true;
    }

    /// <summary>Frees a block that was taken as exactly this block; false otherwise, and nothing changes.</summary>
    public bool Release(Cidr block)
    {
        if (!IsTaken(block)) return false;
        trie.Remove(block);
        taken -= block.Count;
        TakenBlocks--;
        return true;
    }

    /// <summary>Whether exactly this block is taken; not a part of one, and not a block around one.</summary>
    public bool IsTaken(Cidr block) => TryFindOverlap(block, out var overlap) && overlap == block;

    /// <summary>Whether the block lies here and all of it is free.</summary>
    public bool IsFree(Cidr block) => Root.Contains(block) && !TryFindOverlap(block, out _);

    /// <summary>Whether a taken block could grow to its parent without moving.</summary>
    public bool CanDouble(Cidr block) => block.Length > Root.Length && IsTaken(block) && IsFree(block.Buddy);

    /// <summary>The lowest taken block that shares an address with <paramref name="block"/>.</summary>
    public bool TryFindOverlap(Cidr block, out Cidr overlap) => trie.TryFindOverlap(block, out overlap);

    /// <summary>
    /// How many aligned blocks of this length could still be taken, exactly; none of a length that does not exist here.
    /// From the counts kept per size: O(prefix length), whatever is taken.
    /// </summary>
    public AddressCount FreeBlocks(int prefixLength) =>
        prefixLength < Root.Length || prefixLength > Root.Width ? AddressCount.Zero : trie.FreeBlocks(Root.Width - prefixLength);

    /// <summary>The taken blocks in address order. The space must not change on the way.</summary>
    public IEnumerable<Cidr> TakenInOrder() => trie.TakenIn(Root);

    /// <summary>The taken blocks that share an address with <paramref name="block"/>, in address order, as <see cref="TakenInOrder()"/>.</summary>
    public IEnumerable<Cidr> TakenInOrder(Cidr block) => trie.TakenIn(block);

    /// <summary>The maximal free blocks in address order: no two of them are halves of a third. The space must not change on the way.</summary>
    public IEnumerable<Cidr> FreeInOrder()
    {
        var next = Root.Network;
        foreach (var block in TakenInOrder())
        {
            foreach (var free in Between(next, block.Network)) yield return free;
            next = unchecked(block.Last + 1);
        }

        if (TakenBlocks == 0) yield return Root;
        else foreach (var free in Between(next, unchecked(Root.Last + 1))) yield return free;
    }

    /// <summary>
    /// The fewest aligned blocks that fill a gap; none of an empty one. The end of all IPv6 space is 2^128, which is 0 here,
    /// and the subtraction wraps around to the right size.
    /// </summary>
    IEnumerable<Cidr> Between(UInt128 next, UInt128 end)
    {
        while (next != end)
        {
            var fits = 127 - (int)UInt128.LeadingZeroCount(unchecked(end - next));
            var order = Math.Min(fits, (int)UInt128.TrailingZeroCount(next));
            yield return Cidr.Of(next, Root.Width - order, Root.Width);
            next = unchecked(next + (UInt128.One << order));
        }
    }
}
