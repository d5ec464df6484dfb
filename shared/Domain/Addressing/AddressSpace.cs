namespace Federation.Domain.Addressing;

/// <summary>
/// Which blocks of one root block are taken: a sparse buddy trie. Finding, taking, freeing and looking for overlap cost
/// O(prefix length), however many blocks are taken. A child of a node is wholly free, one taken block, or a node.
/// </summary>
/// <remarks>
/// Each node keeps a mask of the sizes of the maximal free blocks below it: bit i stands for prefix length
/// <c>Root.Length + 1 + i</c>. So one look says whether a size can be had, which size fits tightest and which is largest.
/// Nodes live in one array with a free list; nothing is allocated per operation but for the array's growth.
/// Not safe for concurrent use: each space has one writer.
/// </remarks>
public sealed class AddressSpace(Cidr root)
{
    const int Free = 0;
    const int Taken = -1;

    struct Node
    {
        public UInt128 FreeSizes;
        public int Lower;
        public int Upper;
    }

    /// <summary>Index 0 is no node, because 0 means free.</summary>
    Node[] nodes = new Node[16];
    int used = 1;
    int recycled;
    int top = Free;
    AddressCount taken;

    /// <summary>How many maximal free blocks there are, by length beyond the root's.</summary>
    readonly int[] freeBlocks = FreeBlocksOf(root);

    public Cidr Root { get; } = root;

    public AddressCount TakenCount => taken;

    public AddressCount FreeCount => Root.Count - taken;

    public int TakenBlocks { get; private set; }

    /// <summary>Length of the largest free block; null when nothing is free.</summary>
    public int? LargestFreePrefixLength => top switch
    {
        Free => Root.Length,
        Taken => null,
        _ when nodes[top].FreeSizes == 0 => null,
        _ => Root.Length + 1 + (int)UInt128.TrailingZeroCount(nodes[top].FreeSizes),
    };

    /// <summary>How many blocks of this length could be taken, one beside the other; none of a length the root has not.</summary>
    public AddressCount FreeBlocks(int length)
    {
        var count = AddressCount.Zero;
        if (length > Root.Width) return count;
        for (var at = Root.Length; at <= length; at++) count += AddressCount.PowerOfTwo(length - at) * freeBlocks[at - Root.Length];
        return count;
    }

    /// <summary>Where a block of this length would go. Changes nothing; false when there is no room or no such length here.</summary>
    public bool TryFind(int length, PlacementStrategy strategy, out Cidr block)
    {
        block = default;
        if (length < Root.Length || length > Root.Width || top == Taken) return false;
        if (top == Free)
        {
            block = Cidr.Of(Root.Network, length, Root.Width);
            return true;
        }

        var fitting = nodes[top].FreeSizes & SizesUpTo(length);
        if (fitting == 0) return false;

        var region = FindRegion(strategy switch
        {
            PlacementStrategy.BestFit => HighestBit(fitting),
            PlacementStrategy.Sparse => LowestBit(fitting),
            _ => fitting,
        });
        block = Cidr.Of(region.Network, length, Root.Width);
        return true;
    }

    /// <summary>Takes exactly this block; false when it lies outside or any part of it is taken.</summary>
    public bool Reserve(Cidr block)
    {
        if (!Root.Contains(block) || !IsFree(block)) return false;
        top = Reserve(top, Root, block);
        taken += block.Count;
        TakenBlocks++;
        return true;
    }

    /// <summary>Frees a block that was taken as exactly this block; false otherwise, and nothing changes.</summary>
    public bool Release(Cidr block)
    {
        if (!IsTaken(block)) return false;
        top = Release(top, Root, block);
        taken -= block.Count;
        TakenBlocks--;
        return true;
    }

    /// <summary>Whether exactly this block is taken.</summary>
    public bool IsTaken(Cidr block) => TryFindOverlap(block, out var overlap) && overlap == block;

    /// <summary>Whether the block lies here and all of it is free.</summary>
    public bool IsFree(Cidr block) => Root.Contains(block) && !TryFindOverlap(block, out _);

    /// <summary>Whether a taken block could grow to its parent without moving.</summary>
    public bool CanDouble(Cidr block) => block.Length > Root.Length && IsTaken(block) && IsFree(block.Buddy);

    /// <summary>The lowest taken block that shares an address with <paramref name="block"/>.</summary>
    public bool TryFindOverlap(Cidr block, out Cidr overlap)
    {
        overlap = default;
        if (!Root.Overlaps(block)) return false;
        var (child, at) = (top, Root);
        while (child > 0 && at.Length < block.Length)
        {
            var lower = at.LowerHalf;
            (child, at) = lower.Contains(block) ? (nodes[child].Lower, lower) : (nodes[child].Upper, lower.Buddy);
        }

        return child switch
        {
            Free => false,
            Taken => Found(at, out overlap),
            _ => TryFindLowestTaken(child, at, out overlap),
        };
    }

    /// <summary>The taken blocks in address order.</summary>
    public IEnumerable<Cidr> TakenInOrder() => Walk(top, Root, Taken);

    /// <summary>The largest free blocks in address order.</summary>
    public IEnumerable<Cidr> FreeInOrder() => Walk(top, Root, Free);

    static int[] FreeBlocksOf(Cidr root)
    {
        var counts = new int[root.Width - root.Length + 1];
        counts[0] = 1;
        return counts;
    }

    static bool Found(Cidr block, out Cidr found)
    {
        found = block;
        return true;
    }

    bool TryFindLowestTaken(int child, Cidr at, out Cidr lowest)
    {
        while (child > 0)
        {
            var lowerHasSome = nodes[child].Lower != Free;
            at = lowerHasSome ? at.LowerHalf : at.UpperHalf;
            child = lowerHasSome ? nodes[child].Lower : nodes[child].Upper;
        }

        Invariant.Holds(child == Taken);
        return Found(at, out lowest);
    }

    /// <summary>The lowest maximal free block of one of these sizes; there is one.</summary>
    Cidr FindRegion(UInt128 sizes)
    {
        var (child, at) = (top, Root);
        while (child > 0)
        {
            var lower = at.LowerHalf;
            var inLower = (SizesOf(nodes[child].Lower, lower) & sizes) != 0;
            (child, at) = inLower ? (nodes[child].Lower, lower) : (nodes[child].Upper, lower.Buddy);
        }

        Invariant.Holds(child == Free);
        return at;
    }

    int Reserve(int child, Cidr at, Cidr block)
    {
        if (at == block)
        {
            Invariant.Holds(child == Free);
            freeBlocks[at.Length - Root.Length]--;
            return Taken;
        }

        Invariant.Holds(child != Taken);
        var node = child == Free ? Split(at) : child;
        var lower = at.LowerHalf;
        if (lower.Contains(block))
        {
            var renewed = Reserve(nodes[node].Lower, lower, block);
            nodes[node].Lower = renewed;
        }
        else
        {
            var renewed = Reserve(nodes[node].Upper, lower.Buddy, block);
            nodes[node].Upper = renewed;
        }

        Measure(node, lower);
        return node;
    }

    int Release(int child, Cidr at, Cidr block)
    {
        if (at == block)
        {
            Invariant.Holds(child == Taken);
            freeBlocks[at.Length - Root.Length]++;
            return Free;
        }

        Invariant.Holds(child > 0);
        var lower = at.LowerHalf;
        if (lower.Contains(block)) nodes[child].Lower = Release(nodes[child].Lower, lower, block);
        else nodes[child].Upper = Release(nodes[child].Upper, lower.Buddy, block);

        if (nodes[child] is { Lower: Free, Upper: Free }) return Join(child, at);

        Measure(child, lower);
        return child;
    }

    /// <summary>One free block becomes two.</summary>
    int Split(Cidr at)
    {
        freeBlocks[at.Length - Root.Length]--;
        freeBlocks[at.Length + 1 - Root.Length] += 2;
        return Rent();
    }

    /// <summary>Two free buddies become one free block.</summary>
    int Join(int node, Cidr at)
    {
        freeBlocks[at.Length + 1 - Root.Length] -= 2;
        freeBlocks[at.Length - Root.Length]++;
        Return(node);
        return Free;
    }

    void Measure(int node, Cidr lower) =>
        nodes[node].FreeSizes = SizesOf(nodes[node].Lower, lower) | SizesOf(nodes[node].Upper, lower);

    UInt128 SizesOf(int child, Cidr at) => child switch
    {
        Free => UInt128.One << (at.Length - Root.Length - 1),
        Taken => 0,
        _ => nodes[child].FreeSizes,
    };

    /// <summary>All sizes of blocks in which one of <paramref name="length"/> fits.</summary>
    UInt128 SizesUpTo(int length)
    {
        var count = length - Root.Length;
        return count == 128 ? UInt128.MaxValue : (UInt128.One << count) - 1;
    }

    static UInt128 LowestBit(UInt128 sizes) => sizes & (~sizes + 1);

    static UInt128 HighestBit(UInt128 sizes) => UInt128.One << (127 - (int)UInt128.LeadingZeroCount(sizes));

    int Rent()
    {
        if (recycled != 0)
        {
            var node = recycled;
            recycled = nodes[node].Lower;
            nodes[node] = default;
            return node;
        }

        if (used == nodes.Length) Array.Resize(ref nodes, used * 2);
        return used++;
    }

    void Return(int node)
    {
        nodes[node].Lower = recycled;
        recycled = node;
    }

    IEnumerable<Cidr> Walk(int child, Cidr at, int wanted)
    {
        if (child == wanted) yield return at;
        if (child <= 0) yield break;

        var lower = at.LowerHalf;
        foreach (var block in Walk(nodes[child].Lower, lower, wanted)) yield return block;
        foreach (var block in Walk(nodes[child].Upper, lower.Buddy, wanted)) yield return block;
    }
}
